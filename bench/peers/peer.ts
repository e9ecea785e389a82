import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { MeanQuery, PageQuery } from './peer-requests.ts';

/** The data that every program serves. */
export interface Published {
  /** A folder of buckets. */
  root: string;
  /** output.csv in it. */
  output: string;
  manifest: Manifest;
}

/** A request: GET, or POST when there is a body. */
export interface Target {
  path: string;
  body?: string;
}

/** A program to measure. */
export interface Peer {
  name: string;
  /**
   * Installs the program.
   *
   * @param folder its own folder
   * @throws Error when installation fails
   */
  install: (folder: string) => Promise<Installed>;
}

/** A program that can be started. */
export interface Installed {
  version: string;
  /**
   * Starts the program on the file.
   *
   * @throws Error when it does not serve
   */
  start: (published: Published) => Promise<Serving>;
}

/** A running program and its requests. */
export interface Serving {
  address: string;
  /** Its process, with its children. */
  pid: number;
  page: (query: PageQuery) => Target;
  mean: (query: MeanQuery) => Target;
  /** All users as JSON. */
  all: Target;
  /** Whether an answer to `mean` is right for these births, ms since 1970 UTC. */
  isMean: (answer: Buffer, births: readonly number[]) => boolean;
  stop: () => Promise<void>;
}
