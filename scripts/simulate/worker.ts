/** A thread that plays the days it is sent. */
import { parentPort } from 'node:worker_threads';
import { playDay, type Day } from './play.ts';

parentPort?.on('message', (day: Day) => {
  parentPort?.postMessage(playDay(day));
});
