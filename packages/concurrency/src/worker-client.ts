import { Worker } from 'node:worker_threads';
import { batchPerTick } from './batch-per-tick.ts';
import { type ErrorData, toError } from './error-data.ts';
import { StoppedError, type StopState, stoppable } from './stoppable.ts';
import type {
  AnyPart,
  Call,
  CallKinds,
  CallMessage,
  FromWorker,
  PartOf,
  ToWorker,
} from './worker-messages.ts';

export interface WorkerClientOptions<Part, Event> {
  /** The worker's module. It calls `serveCalls`. */
  url: URL;
  /** Called whenever the worker starts. */
  workerData: () => unknown;
  /** Calls that may wait for their first part at a time; without limit by default. */
  maxWaiting?: number;
  /** The error of a call beyond `maxWaiting`. */
  overloadError?: () => Error;
  /** The error of a call that is pending at `close`, or comes after it. */
  closedError: () => Error;
  /** Makes an error of the worker an error of this thread; by default `toError`. */
  reviveError?: (error: ErrorData) => Error;
  /** Restores what structured clone changes in a part, for example a Buffer. */
  revivePart?: (part: Part) => Part;
  /** The error of the pending calls when the worker fails with an error; by default that error. */
  crashError?: (error: unknown) => unknown;
  onEvent?: (event: Event) => void;
}

export type WorkerClient<Kinds extends CallKinds<Kinds>, Setting = never> = ReturnType<
  typeof createWorkerClient<Kinds, Setting>
>;

/**
 * Calls the functions of a worker thread. The result of a call is a stream of parts: the worker sends a few parts ahead and then
 * waits until one is consumed, and a call can be stopped at any time. Messages of one event-loop tick are sent together: each
 * message wakes the other thread, which costs as much as a small SQL statement. The worker starts with the first message, and
 * again after it has ended.
 *
 * piscina has no streamed results, and stops a task only by terminating its thread.
 */
export function createWorkerClient<Kinds extends CallKinds<Kinds>, Setting = never, Event = never>({
  url,
  workerData,
  maxWaiting = Number.POSITIVE_INFINITY,
  overloadError = () => new Error('too many calls are waiting for the worker'),
  closedError,
  reviveError = toError,
  revivePart = (part) => part,
  crashError = (error) => error,
  onEvent = () => undefined,
}: WorkerClientOptions<AnyPart<Kinds>, Event>) {
  type Message = CallMessage<AnyPart<Kinds>>;
  type Outgoing = ToWorker<Call<Kinds>, Setting>;
  const inboxes = new Map<number, Inbox<Message>>();
  let waiting = 0;
  let worker: Worker | undefined;
  /** Resolves when the worker has loaded its modules, or has ended. */
  let ready: Promise<unknown> = Promise.resolve();
  let lastId = 0;
  let setting: { value: Setting } | undefined;
  let isClosed = false;
  const outgoing = batchPerTick<Outgoing>((messages) => {
    if (isClosed) return;
    try {
      worker ??= start();
      worker.postMessage(messages);
    } catch (error) {
      // No caller could catch it, for example when the system has no thread left.
      failAll(error);
    }
  });
  const send = outgoing.add;

  function start(): Worker {
    const started = new Worker(url, { workerData: workerData() });
    if (setting) started.postMessage([{ what: 'set', setting: setting.value }] satisfies Outgoing[]);
    ready = new Promise((resolve) => started.once('message', resolve).once('exit', resolve));
    let fault: unknown = new Error('the worker thread ended');
    started.on('message', (messages: FromWorker<AnyPart<Kinds>, Event>[]) => {
      for (const message of messages) {
        if ('event' in message) onEvent(message.event);
        else if ('id' in message) inboxes.get(message.id)?.put(message);
      }
    });
    started.on('error', (error) => {
      fault = crashError(error);
    });
    started.on('messageerror', (error) => {
      fault = error;
      started.terminate();
    });
    started.on('exit', () => {
      if (worker === started) worker = undefined;
      failAll(fault);
    });
    return started;
  }

  function failAll(fault: unknown): void {
    outgoing.clear();
    const failure = fault instanceof Error ? fault : new Error(String(fault));
    for (const inbox of inboxes.values()) inbox.fail(failure);
  }

  async function* receive<C extends Call<Kinds>>(call: C, stop: StopState): AsyncGenerator<PartOf<Kinds, C>> {
    if (isClosed) throw closedError();
    if (stop.isStopped) throw new StoppedError();
    if (waiting >= maxWaiting) throw overloadError();
    const id = ++lastId;
    const inbox = createInbox<Message>();
    inboxes.set(id, inbox);
    waiting++;
    let isWaiting = true;
    let isOver = false;
    stop.onStop = inbox.wake;
    send({ what: 'call', id, call });
    try {
      for (;;) {
        const message = await inbox.take(stop);
        if (isWaiting) waiting--;
        isWaiting = false;
        if (!message) throw new StoppedError();
        isOver = !('part' in message) || message.isLast;
        if ('isEnd' in message) return;
        if ('error' in message) throw reviveError(message.error);
        yield revivePart(message.part);
        if (isOver) return;
        send({ what: 'more', id });
      }
    } catch (error) {
      if (error === inbox.failure()) isOver = true;
      throw error;
    } finally {
      if (isWaiting) waiting--;
      inboxes.delete(id);
      if (!isOver) send({ what: 'stop', id });
    }
  }

  return {
    /**
     * Calls the worker.
     *
     * @param signal stops the call, as `return` does; a pending `next` then throws StoppedError
     * @throws the worker's error; StoppedError; `overloadError`; `closedError`; Error when the thread ended
     */
    stream: <C extends Call<Kinds>>(call: C, signal?: AbortSignal): AsyncGenerator<PartOf<Kinds, C>> =>
      stoppable((stop) => receive(call, stop), signal),

    /** Whether a call is pending. */
    isBusy: (): boolean => inboxes.size > 0,

    /** Sends a value that the worker keeps. A restarted worker receives the last one. */
    set(value: Setting): void {
      setting = { value };
      send({ what: 'set', setting: value });
    },

    /**
     * Ends the worker as soon as its modules are loaded: a native module that is loaded in a thread that ends may abort the
     * process. Pending calls fail; the next call starts another one.
     */
    async terminate(): Promise<void> {
      const running = worker;
      await ready;
      await running?.terminate();
    },

    /** Ends the worker after its current step, and fails what is pending. */
    async close(): Promise<void> {
      isClosed = true;
      const running = worker;
      if (running) {
        const exit = new Promise((resolve) => running.once('exit', resolve));
        running.postMessage([{ what: 'close' }] satisfies Outgoing[]);
        await exit;
      }
      failAll(closedError());
    },
  };
}

type Inbox<Message> = ReturnType<typeof createInbox<Message>>;

/** The messages about one call, in order. */
function createInbox<Message>() {
  const messages: Message[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  return {
    put(message: Message): void {
      messages.push(message);
      wake?.();
    },
    /** Ends the call with an error, after the messages that have arrived. */
    fail(error: Error): void {
      failure ??= error;
      wake?.();
    },
    failure: (): Error | undefined => failure,
    wake: (): void => wake?.(),
    /**
     * @returns undefined when the call was stopped
     * @throws the error of `fail`
     */
    async take(stop: StopState): Promise<Message | undefined> {
      for (;;) {
        if (stop.isStopped) return undefined;
        const message = messages.shift();
        if (message) return message;
        if (failure) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
