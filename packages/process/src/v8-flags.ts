import v8 from 'node:v8';

/**
 * Has V8 begin every object's life among the young ones. By itself it guesses from the first requests, which are slow, that
 * what belongs to a request lives long, and puts it where only a collection of all garbage takes it away: in one start
 * of two some 3 KB of every request stayed for seconds, and a quarter fewer requests were answered
 * (docs/decisions/0021). To be called before there is work.
 */
export function disablePretenuring(): void {
  v8.setFlagsFromString('--no-allocation-site-pretenuring');
}
