import { expect, test } from 'vitest';
import { monotonicMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';
import { Agenda } from './agenda.ts';
import { RunClock } from './run-clock.ts';

interface Entry {
  readonly atMs: number;
  readonly number: number;
}

function agendaOf(entries: readonly Entry[], due: (entry: Entry) => void): Agenda<Entry> {
  const clock = new RunClock();
  let position = 0;
  return new Agenda(clock, () => entries[position++], due);
}

test('entries come due in their order, none before its time', async () => {
  const clock = new RunClock();
  const seen: number[] = [];
  const entries = [0, 0, 12, 12, 30].map((atMs, number) => ({ atMs, number }));
  let position = 0;
  const agenda = new Agenda(
    clock,
    () => entries[position++],
    ({ atMs, number }) => {
      expect(clock.now()).toBeGreaterThanOrEqual(atMs);
      seen.push(number);
    },
  );
  agenda.start();
  await expect.poll(() => seen).toEqual([0, 1, 2, 3, 4]);
});

test('many entries of one moment leave turns of the event loop to others', async () => {
  const turnBefore: number[] = [];
  let turn = 0;
  const entries = Array.from({ length: 30 }, (_, number) => ({ atMs: 0, number }));
  const agenda = agendaOf(entries, () => {
    turnBefore.push(turn);
    const untilMs = monotonicMs() + 2;
    while (monotonicMs() < untilMs);
  });
  const count = (): void => {
    turn++;
    if (turnBefore.length < entries.length) setImmediate(count);
  };
  setImmediate(count);
  agenda.start();
  await expect.poll(() => turnBefore.length).toBe(30);
  expect(turnBefore).toEqual(turnBefore.slice().sort((a, b) => a - b));
  // 2 ms each, at most 5 ms and one entry more a turn.
  expect(turnBefore.at(-1)).toBeGreaterThanOrEqual(7);
});

test('nothing comes due after the stop', async () => {
  const seen: number[] = [];
  const entries = Array.from({ length: 30 }, (_, number) => ({ atMs: 0, number }));
  const agenda = agendaOf(entries, ({ number }) => {
    seen.push(number);
    if (number === 3) agenda.stop();
  });
  agenda.start();
  await delay(20);
  expect(seen).toEqual([0, 1, 2, 3]);
});
