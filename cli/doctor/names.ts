/** Which deployment: what `terraform apply` was told. */
interface Deployment {
  /** Project id. */
  project: string;
  /** Beginning of every resource's name. */
  name: string;
  region: string;
}

/** `webhook` only where webhooks are switched on. */
export const FUNCTIONS = [
  'resize-image',
  'analyze-image',
  'api',
  'sweep',
  'budget-alert',
  'batch',
  'webhook',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** What is fed by a topic: its function, and the bucket that publishes there. */
export const FEEDS = [
  { topic: 'uploads', fn: 'resize-image', bucket: 'uploads' },
  { topic: 'prepared', fn: 'analyze-image', bucket: 'prepared' },
  { topic: 'budget', fn: 'budget-alert', bucket: undefined },
  { topic: 'webhooks', fn: 'webhook', bucket: undefined },
  { topic: 'batches', fn: 'batch', bucket: undefined },
] as const;

/** What the schedule calls, by a job of the function's name. */
export const SCHEDULED = ['sweep', 'batch', 'webhook'] as const;
export type Scheduled = (typeof SCHEDULED)[number];

export type Feed = (typeof FEEDS)[number];
export type BucketKey = 'uploads' | 'prepared' | 'source';

/** The names that the files in terraform/ give. */
export class Names {
  readonly project: string;
  readonly name: string;
  readonly region: string;
  readonly database: string;
  readonly databasePath: string;
  readonly repository: string;
  readonly buildAccount: string;
  readonly scheduleAccount: string;

  constructor({ project, name, region }: Deployment) {
    this.project = project;
    this.name = name;
    this.region = region;
    this.database = `${name}-results`;
    this.databasePath = `projects/${project}/databases/${this.database}`;
    this.repository = `${name}-functions`;
    this.buildAccount = this.#account(`${name}-build`);
    this.scheduleAccount = this.#account(`${name}-schedule`);
  }

  /** What names the deployment to another command. */
  get where(): string {
    return ` --project ${this.project} --bucket ${this.bucket('uploads')} --database ${this.database}`;
  }

  bucket(key: BucketKey): string {
    return `${this.project}-${this.name}-${key}`;
  }

  /** Function and Cloud Run service have one name. */
  service(fn: FunctionName): string {
    return `${this.name}-${fn}`;
  }

  account(fn: FunctionName): string {
    return this.#account(this.service(fn));
  }

  pushAccount(fn: FunctionName): string {
    return this.#account(`${this.service(fn)}-push`);
  }

  /** Topic and subscription have one name. */
  topic(feed: Pick<Feed, 'topic'>): string {
    return `${this.name}-${feed.topic}`;
  }

  deadLetters(feed: Pick<Feed, 'topic'>): string {
    return `${this.topic(feed)}-dead-letters`;
  }

  #account(id: string): string {
    return `${id}@${this.project}.iam.gserviceaccount.com`;
  }
}

/** `pictures` of `my-project-pictures-uploads`; undefined for a bucket that is not named so. */
export const nameOfBucket = (bucket: string, project: string): string | undefined =>
  bucket.startsWith(`${project}-`) && bucket.endsWith('-uploads')
    ? bucket.slice(project.length + 1, -'-uploads'.length) || undefined
    : undefined;
