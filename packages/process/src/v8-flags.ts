import v8 from 'node:v8';

/**
 * Disables V8's allocation-site pretenuring, so that every object is allocated in the young generation. With pretenuring, V8
 * concludes from the slow first requests that the objects of a request live long, and allocates them in the old generation: in
 * half of the starts, about 3 KB per request stayed for seconds, and throughput was a quarter lower (docs/decisions/0021). Call it
 * before any other work.
 */
export function disablePretenuring(): void {
  v8.setFlagsFromString('--no-allocation-site-pretenuring');
}
