import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { MeanQuestion, PageQuestion } from './peer-questions.ts';

/** What is served: the same for each program. */
export interface Published {
  /** A folder of buckets. */
  root: string;
  /** output.csv in it. */
  output: string;
  manifest: Manifest;
}

/** What is asked of a server: a GET of the path, or with a body, a POST. */
export interface Target {
  path: string;
  body?: string;
}

/** A program that serves users, as it is to be measured. */
export interface Peer {
  name: string;
  /**
   * Gets what the program needs.
   *
   * @param folder of its own
   * @throws Error when it can't be had
   */
  install: (folder: string) => Promise<Installed>;
}

/** A program that can be started. */
export interface Installed {
  version: string;
  /**
   * From the file until it serves.
   *
   * @throws Error when it doesn't
   */
  start: (published: Published) => Promise<Serving>;
}

/** A program at work, and how it is asked. */
export interface Serving {
  address: string;
  /** Its process; the processes that this one started belong to it. */
  pid: number;
  page: (question: PageQuestion) => Target;
  mean: (question: MeanQuestion) => Target;
  /** All users as JSON. */
  all: Target;
  /** Whether an answer to `mean` is right for these births, ms since 1970 UTC. */
  isMean: (answer: Buffer, births: readonly number[]) => boolean;
  stop: () => Promise<void>;
}
