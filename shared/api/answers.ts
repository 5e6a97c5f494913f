import type { ResultView } from '../results/view.ts';

/** What `POST /v1/images` answers for each accepted picture. */
export interface Accepted {
  id: string;
  status: 'queued';
  /** Of the object in the uploads bucket. */
  name: string;
  resultUrl: string;
}

/** `GET /v1/results` */
export interface ResultPage {
  results: ResultView[];
  /** Hand it back as `cursor` for the following page; null at the end. */
  nextCursor: string | null;
}

/** One of `GET /v1/profiles` */
export interface ProfileView {
  name: string;
  version: number;
  isDefault: boolean;
  /** What is asked of the picture. */
  prompt: string;
  /** Long side of the prepared picture, in pixels. */
  maxSide: number;
  /** JSON Schema of the answer. */
  schema: Record<string, unknown>;
}

/** `GET /v1/status`: what the page and programs must know about this deployment. */
export interface ServiceStatus {
  /** Google's Gemini, or the reader on this machine that stands in for it. */
  answeredBy: 'gemini' | 'local-reader';
  uploadsBucket: string;
  /** Where Cloud Storage is played by a server of this machine; null in the cloud. */
  storageEndpoint: string | null;
  /** Of one file. */
  maxBytes: number;
}
