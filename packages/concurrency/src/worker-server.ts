import type { MessagePort } from 'node:worker_threads';
import { batchPerTick } from './batch-per-tick.ts';
import { toErrorData } from './error-data.ts';
import type { AnyPart, Call, CallKinds, FromWorker, ToWorker } from './worker-messages.ts';

export interface WorkerServerOptions<Kinds extends CallKinds<Kinds>, Setting> {
  /** Performs a call. It ends soon after `stop.isStopped` is set, also where it finds no parts. */
  run: (call: Call<Kinds>, stop: { readonly isStopped: boolean }) => AsyncGenerator<AnyPart<Kinds>>;
  /** Parts of one call that are sent ahead: one is processed by the caller while the next one is made. */
  partsAhead: number;
  /** Delays the start of a call; undefined when it may start at once. */
  admit?: () => Promise<void> | undefined;
  /** Whether a part is known to be the last one; the call then ends without a message of its own. */
  isLast?: (part: AnyPart<Kinds>) => boolean;
  /** The memory of a part, which is transferred instead of copied. */
  transferListOf?: (part: AnyPart<Kinds>) => ArrayBuffer[];
  onSet?: (setting: Setting) => void;
  onClose: () => void;
}

/** Serves the calls of a `createWorkerClient`, in the worker thread. */
export function serveCalls<Kinds extends CallKinds<Kinds>, Setting = never, Event = never>(
  port: MessagePort,
  {
    run,
    partsAhead,
    admit = () => undefined,
    isLast = () => false,
    transferListOf = () => [],
    onSet = () => undefined,
    onClose,
  }: WorkerServerOptions<Kinds, Setting>,
) {
  interface ActiveCall {
    /** Parts that may still be sent. */
    credit: number;
    isStopped: boolean;
    wake: () => void;
  }
  const activeCalls = new Map<number, ActiveCall>();
  const { add: send } = batchPerTick<FromWorker<AnyPart<Kinds>, Event>>((messages) => {
    port.postMessage(
      messages,
      messages.flatMap((each) => ('part' in each ? transferListOf(each.part) : [])),
    );
  });

  async function perform(id: number, call: Call<Kinds>): Promise<void> {
    const active: ActiveCall = { credit: partsAhead, isStopped: false, wake: () => undefined };
    activeCalls.set(id, active);
    try {
      await admit();
      if (active.isStopped) return;
      for await (const part of run(call, active)) {
        if (active.isStopped) return;
        const isEnd = isLast(part);
        send({ id, part, isLast: isEnd });
        if (isEnd) return;
        active.credit--;
        while (active.credit === 0 && !active.isStopped) {
          await new Promise<void>((resolve) => {
            active.wake = resolve;
          });
        }
      }
      send({ id, isEnd: true });
    } catch (error) {
      if (!active.isStopped) send({ id, error: toErrorData(error) });
    } finally {
      activeCalls.delete(id);
    }
  }

  function handle(message: ToWorker<Call<Kinds>, Setting>): void {
    if (message.what === 'call') perform(message.id, message.call);
    else if (message.what === 'set') onSet(message.setting);
    else if (message.what === 'close') {
      onClose();
      port.close();
    } else {
      const active = activeCalls.get(message.id);
      if (!active) return;
      if (message.what === 'more') active.credit++;
      else active.isStopped = true;
      active.wake();
    }
  }

  send({ isReady: true });
  port.on('message', (messages: ToWorker<Call<Kinds>, Setting>[]) => {
    for (const message of messages) handle(message);
  });

  return {
    /** Sends an event to `onEvent` of the client. */
    emit: (event: Event): void => send({ event }),
  };
}
