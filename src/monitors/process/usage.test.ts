import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Totals, Usage } from './usage.ts';

/** A member by what differs. */
function totals(pid: number, parentPid: number, part: Partial<Totals> = {}): Totals {
  return {
    pid,
    parentPid,
    startTicks: pid,
    fresh: false,
    ownTicks: 0,
    endedTicks: 0,
    readBytes: 0,
    writtenBytes: 0,
    ...part,
  };
}

test('what was used before the first look is no gain of CPU time, and the first total of bytes', () => {
  const gains = new Usage().add([
    totals(1, 0, { ownTicks: 500, endedTicks: 90, readBytes: 7, writtenBytes: 8 }),
  ]);
  expect(gains).toEqual({ cpuTicks: 0, readBytes: 7, writtenBytes: 8 });
});

test('a child that ends is found in its parent: only what it used since it was seen is a gain', () => {
  const usage = new Usage();
  usage.add([totals(1, 0, { readBytes: 10 }), totals(2, 1, { ownTicks: 100, readBytes: 1000 })]);
  const gains = usage.add([totals(1, 0, { ownTicks: 1, endedTicks: 130, readBytes: 1210 })]);
  expect(gains).toMatchObject({ cpuTicks: 31, readBytes: 1210 });
});

test('a child that ended after its parent was read is settled a look later', () => {
  const usage = new Usage();
  usage.add([totals(1, 0), totals(2, 1, { ownTicks: 100, writtenBytes: 1000 })]);
  expect(usage.add([totals(1, 0)])).toMatchObject({ cpuTicks: 0, writtenBytes: 1000 });
  expect(usage.add([totals(1, 0, { endedTicks: 130, writtenBytes: 1200 })])).toMatchObject({
    cpuTicks: 30,
    writtenBytes: 1200,
  });
  expect(usage.add([totals(1, 0, { endedTicks: 160, writtenBytes: 1300 })])).toMatchObject({
    cpuTicks: 30,
    writtenBytes: 1300,
  });
});

test('a child that nobody waits for takes nothing from its parent', () => {
  const usage = new Usage();
  usage.add([totals(1, 0), totals(2, 1, { ownTicks: 100 })]);
  expect(usage.add([totals(1, 0, { ownTicks: 50 })]).cpuTicks).toBe(50);
  expect(usage.add([totals(1, 0, { ownTicks: 90 })]).cpuTicks).toBe(40);
  // Nor from a child that is waited for much later.
  expect(usage.add([totals(1, 0, { ownTicks: 90, endedTicks: 70 })]).cpuTicks).toBe(70);
});

test('a process that another left behind counts from its start when it is fresh, else from its first look', () => {
  const usage = new Usage();
  usage.add([totals(1, 0)]);
  const gains = usage.add([
    totals(1, 0),
    totals(2, 1, { fresh: true, ownTicks: 5, endedTicks: 6, readBytes: 100 }),
    totals(3, 1, { ownTicks: 70, readBytes: 5000 }),
  ]);
  expect(gains).toMatchObject({ cpuTicks: 11, readBytes: 100 });
});

test('another process of the same id is another process', () => {
  const usage = new Usage();
  usage.add([totals(1, 0), totals(2, 1, { ownTicks: 100, readBytes: 50 })]);
  const gains = usage.add([
    totals(1, 0, { endedTicks: 100, readBytes: 50 }),
    totals(2, 1, { startTicks: 77, fresh: true, ownTicks: 3, readBytes: 5 }),
  ]);
  expect(gains).toMatchObject({ cpuTicks: 3, readBytes: 55 });
});

test('bytes are left out while a member does not tell, and lose nothing', () => {
  const usage = new Usage();
  usage.add([totals(1, 0, { readBytes: 10 })]);
  const secret = { readBytes: undefined, writtenBytes: undefined };
  expect(usage.add([totals(1, 0, { readBytes: 30 }), totals(2, 1, secret)]).readBytes).toBeUndefined();
  expect(usage.add([totals(1, 0, { readBytes: 60 })]).readBytes).toBe(60);
  // A zombie tells no more than it did.
  expect(usage.add([totals(1, 0, secret)]).readBytes).toBe(60);
});

test('with children that come, work and are waited for, gains are exactly what was used', () => {
  const step = fc.record({
    kind: fc.constantFrom('work', 'work', 'start', 'end', 'look', 'look-late'),
    who: fc.nat(20),
    ticks: fc.nat(50),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      interface Living {
        pid: number;
        parent: Living | undefined;
        own: number;
        ended: number;
        seen: boolean;
      }
      const root: Living = { pid: 1, parent: undefined, own: 40, ended: 30, seen: true };
      let living: Living[] = [root];
      let [nextPid, used, gained, bytes] = [2, 0, 0, 0];
      const usage = new Usage();
      const snapshot = (): Totals[] =>
        living.map((one) =>
          totals(one.pid, one.parent?.pid ?? 0, {
            fresh: !one.seen,
            ownTicks: one.own,
            endedTicks: one.ended,
            readBytes: one.own + one.ended,
          }),
        );
      const look = (members: Totals[]): void => {
        const gains = usage.add(members);
        gained += gains.cpuTicks;
        bytes = gains.readBytes!;
        for (const one of living) if (members.some(({ pid }) => pid === one.pid)) one.seen = true;
      };
      const end = (one: Living): void => {
        living = living.filter((other) => other !== one);
        one.parent!.ended += one.own + one.ended;
      };
      look(snapshot());
      for (const { kind, who, ticks } of steps) {
        const one = living[who % living.length]!;
        const isLeaf = one.parent !== undefined && living.every(({ parent }) => parent !== one);
        if (kind === 'work') {
          one.own += ticks;
          used += ticks;
        } else if (kind === 'start')
          living.push({ pid: nextPid++, parent: one, own: 0, ended: 0, seen: false });
        else if (kind === 'end' && isLeaf) end(one);
        else if (kind === 'look') look(snapshot());
        else if (kind === 'look-late' && isLeaf) {
          // The others are read first, then this one ends, so that it is found in neither.
          const members = snapshot().filter(({ pid }) => pid !== one.pid);
          end(one);
          look(members);
          look(snapshot());
        }
      }
      look(snapshot());
      expect([gained, bytes]).toEqual([used, 70 + used]);
    }),
    { numRuns: 300 },
  );
});
