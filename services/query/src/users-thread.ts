import { Worker } from 'node:worker_threads';
import { ApiError } from './api-error.ts';
import { closed, type OnDamage, reportDamage } from './damaged.ts';
import type { Pace } from './pace.ts';
import { gatherPerTurn } from './per-turn.ts';
import type { UsersAnswer, UsersTask } from './users-worker.ts';
import type { Piece } from './walk-texts.ts';
import type { Wanted } from './write-users.ts';

export type UsersThread = ReturnType<typeof openUsersThread>;

/**
 * Reads users in a worker thread, so that requests are taken and answers sent meanwhile. What is said in one turn of the
 * event loop goes over at once: each message wakes the other side, which costs as much as a small statement.
 *
 * @param databaseFile a state file of the layout of `database-layout.ts`
 * @param onDamage called when the thread finds the file damaged
 */
export function openUsersThread(databaseFile: string, pace: Pace, onDamage: OnDamage = () => undefined) {
  const inboxes = new Map<number, Inbox>();
  let worker: Worker | undefined;
  let lastId = 0;
  let rows = 0;
  let isClosed = false;
  const outbox = gatherPerTurn<UsersTask>((tasks) => {
    if (isClosed) return;
    worker ??= start();
    worker.postMessage(tasks);
  });
  const tell = outbox.add;

  function start(): Worker {
    const url = new URL('./users-worker.ts', import.meta.url);
    const started = new Worker(url, { workerData: { databaseFile, pace } });
    started.postMessage([{ what: 'look', rows }] satisfies UsersTask[]);
    let fault: unknown = new Error('the reading thread ended');
    started.on('message', (answers: UsersAnswer[]) => {
      for (const answer of answers) {
        // There, no reading throws this but one that finds the file damaged.
        if ('refusal' in answer && answer.refusal[0] === 'no_data_set') onDamage('a reading thread found it');
        inboxes.get(answer.id)?.put(answer);
      }
    });
    started.on('error', (error) => {
      fault = reportDamage(error, onDamage);
    });
    started.on('exit', () => {
      worker = undefined;
      endAll(fault);
    });
    return started;
  }

  function endAll(failure: unknown): void {
    outbox.drop();
    for (const [id, inbox] of inboxes) inbox.put({ id, failure });
  }

  return {
    /**
     * The users who match; see `writeUsers`. Some pieces are read ahead of whoever takes them, never more.
     *
     * @throws Error also when the thread ended, in which case the next to ask gets another one, or is closed
     */
    async *read(wanted: Wanted): AsyncGenerator<Piece> {
      if (isClosed) throw closed();
      const id = ++lastId;
      const inbox = makeInbox();
      inboxes.set(id, inbox);
      let isOver = false;
      tell({ what: 'read', id, wanted });
      try {
        for (;;) {
          const answer = await inbox.take();
          isOver = !('piece' in answer);
          // There, no reading throws this but one that finds the file damaged.
          if ('refusal' in answer && answer.refusal[0] === 'no_data_set')
            onDamage('a reading thread found it');
          if ('refusal' in answer) throw new ApiError(...answer.refusal);
          if ('failure' in answer) throw answer.failure;
          if (!('piece' in answer)) return;
          const { buffer, byteOffset, byteLength } = answer.piece.text;
          yield { ...answer.piece, text: Buffer.from(buffer, byteOffset, byteLength) };
          // Behind the one that names who comes next there is none.
          if (answer.piece.next === undefined) tell({ what: 'more', id });
        }
      } finally {
        inboxes.delete(id);
        if (!isOver) tell({ what: 'stop', id });
      }
    },

    /** Whether somebody reads. */
    isBusy: (): boolean => inboxes.size > 0,

    /** There are about so many users now. */
    look(count: number): void {
      rows = count;
      tell({ what: 'look', rows });
    },

    async close(): Promise<void> {
      isClosed = true;
      const running = worker;
      if (running) {
        const exit = new Promise((resolve) => running.once('exit', resolve));
        running.postMessage([{ what: 'close' }] satisfies UsersTask[]);
        await exit;
      }
      endAll(closed());
    },
  };
}

type Inbox = ReturnType<typeof makeInbox>;

/** What one reader has been told, in order. */
function makeInbox() {
  const told: UsersAnswer[] = [];
  let wake: (() => void) | undefined;
  return {
    put(answer: UsersAnswer): void {
      told.push(answer);
      wake?.();
    },
    async take(): Promise<UsersAnswer> {
      for (;;) {
        const answer = told.shift();
        if (answer) return answer;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
