/** Where an image stands. The order is the path of a healthy image; the last four are ends (or, for parked, a wait). */
export const STATUSES = [
  'received',
  'preparing',
  'prepared',
  'analyzing',
  'completed',
  'failed',
  'refused',
  'parked',
] as const;

export type Status = (typeof STATUSES)[number];

/** Nothing more happens to this generation without a request. */
export const isTerminal = (status: Status): boolean =>
  status === 'completed' || status === 'failed' || status === 'refused';

/** Where an image stands as the API says it; `stage` has the finer word of the document. */
export const VIEW_STATUSES = ['queued', 'processing', 'completed', 'failed', 'refused', 'parked'] as const;
export type ViewStatus = (typeof VIEW_STATUSES)[number];

export const STATUS_OF_STAGE: Readonly<Record<Status, ViewStatus>> = {
  received: 'queued',
  preparing: 'processing',
  prepared: 'processing',
  analyzing: 'processing',
  completed: 'completed',
  failed: 'failed',
  refused: 'refused',
  parked: 'parked',
};

export const isViewStatus = (text: string): text is ViewStatus =>
  (VIEW_STATUSES as readonly string[]).includes(text);

/** The document's words for a word of the API. */
export const stagesOf = (status: ViewStatus): Status[] =>
  (Object.keys(STATUS_OF_STAGE) as Status[]).filter((stage) => STATUS_OF_STAGE[stage] === status);
