import { describe, expect, it } from 'vitest';
import type { Measurements } from '../model/run-record.ts';
import { createRandom } from '../stats/random.ts';
import { timeSharesOf } from './experiment-times.ts';
import { type ExperimentRun, type ExperimentSubject, explainLoad } from './explanation.ts';
import { measure, recordIterations, scenario } from './measurements.cases.ts';

const subjects: ExperimentSubject[] = [
  { name: 'the load as it is', kind: 'base' },
  { name: 'a tenth of the load', kind: 'light' },
  { name: 'without task report of buyer', kind: 'without-task', without: { user: 'buyer', task: 'report' } },
  { name: 'without task price of buyer', kind: 'without-task', without: { user: 'buyer', task: 'price' } },
  { name: 'half of the load', kind: 'load' },
];

interface Times {
  /** Response time of a task in ms; one that is absent is not done. */
  readonly price?: number;
  readonly report?: number;
  /** Share of the iterations of price that fail. */
  readonly failed?: number;
}

/** Runs that differ from each other by about 3 %, as those of a quiet machine do. */
function rounds(
  count: number,
  times: Readonly<Record<string, Times>>,
  change: (run: Measurements, experiment: string, round: number) => Measurements = (run) => run,
): ExperimentRun[] {
  const random = createRandom(7, 'rounds');
  return Array.from({ length: count }, (_, round) =>
    subjects.map(({ name: experiment }) => {
      const { price, report, failed = 0 } = times[experiment]!;
      const noise = 1 + 0.06 * (random() - 0.5);
      const measured = measure({
        record: (meter) => {
          if (price !== undefined)
            recordIterations(meter, 50, { task: 'price', durationMs: price * noise, failed: 50 * failed });
          if (report !== undefined)
            recordIterations(meter, 20, { task: 'report', durationMs: report * noise });
        },
      });
      return { experiment, round, measured: change(measured, experiment, round), folder: `runs/${round}` };
    }),
  ).flat();
}

const of = { suite: 'shop', profile: 'peak' };
const explain = (runs: readonly ExperimentRun[]) => explainLoad(subjects, runs, of);
/** Reports hold a lock that prices wait for. */
const lockOfReports: Readonly<Record<string, Times>> = {
  'the load as it is': { price: 100, report: 200 },
  'a tenth of the load': { price: 20, report: 150 },
  'without task report of buyer': { price: 22 },
  'without task price of buyer': { report: 195 },
  'half of the load': { price: 50, report: 170 },
};

describe('an explanation', () => {
  it('names the task without which all others are fast, with the interval and the part of the slowdown', () => {
    const { status, effects, sentences, hurt } = explain(rounds(5, lockOfReports));
    expect(status).toBe('explained');
    expect(hurt).toMatchObject({ status: 'restores', rounds: 5 });
    expect(effects.map(({ experiment, status: own }) => [experiment, own])).toEqual([
      ['without task report of buyer', 'restores'],
      ['half of the load', 'restores'],
      ['without task price of buyer', 'none'],
    ]);
    const [first] = effects;
    expect(first!.p95!.ratio).toBeCloseTo(0.22, 1);
    expect(first!.p95!.high).toBeLessThan(0.3);
    expect(first!.restored).toBeGreaterThan(0.9);
    expect(sentences[0]).toMatch(
      /^All other operations are faster without task report of buyer: .* -7\d(\.\d)? % \(interval -\d.*\), which is 9\d(\.\d+)? % of the slowdown;/,
    );
  });

  it('blames the load as a whole when nothing that is left out helps', () => {
    const { status, sentences } = explain(
      rounds(5, {
        'the load as it is': { price: 100, report: 200 },
        'a tenth of the load': { price: 20, report: 40 },
        'without task report of buyer': { price: 99 },
        'without task price of buyer': { report: 199 },
        'half of the load': { price: 40, report: 80 },
      }),
    );
    expect(status).toBe('explained');
    expect(sentences[0]).toBe(
      'No single task or user class slows the others down: the load as a whole does.',
    );
    expect(sentences[1]).toMatch(/^Operations are faster with half of the load: /);
  });

  it('has nothing to explain when the target is as fast as at a tenth of the load', () => {
    const same = Object.fromEntries(subjects.map(({ name }) => [name, { price: 20, report: 40 }]));
    const runs = rounds(5, {
      ...same,
      'without task report of buyer': { price: 20 },
      'without task price of buyer': { report: 40 },
    });
    const { status, effects, sentences } = explain(runs);
    expect(status).toBe('nothing');
    expect(effects.map((effect) => effect.status)).toEqual(['none', 'none', 'none']);
    expect(sentences[0]).toMatch(/^The load does not slow the target down/);
  });

  it('says what ends failures, whatever the times are', () => {
    const { effects, sentences } = explain(
      rounds(5, {
        'the load as it is': { price: 20, report: 40, failed: 0.2 },
        'a tenth of the load': { price: 20, report: 40 },
        'without task report of buyer': { price: 20 },
        'without task price of buyer': { report: 40 },
        'half of the load': { price: 20, report: 40, failed: 0.18 },
      }),
    );
    expect(effects[0]).toMatchObject({ experiment: 'without task report of buyer', status: 'restores' });
    expect(sentences[0]).toBe(
      'Fewer operations fail without task report of buyer: 20 % of them failed, and 0 % then.',
    );
  });

  it('tells the figure that is surely faster, though another seems to be more so', () => {
    let round = 0;
    const runs = rounds(5, lockOfReports, (run, experiment) => {
      if (experiment !== 'without task report of buyer') return run;
      // The median jumps between 1 and 59 ms; the 95th percentile does not.
      const medianMs = round++ % 2 === 0 ? 1 : 59;
      return measure({
        record: (meter) => {
          recordIterations(meter, 61, { task: 'price', durationMs: medianMs });
          recordIterations(meter, 59, { task: 'price', durationMs: 60 });
        },
      });
    });
    expect(explain(runs).sentences[0]).toMatch(
      /^All other operations are faster without task report of buyer: 95th percentile -4/,
    );
  });

  it('says nothing of times where more operations fail than before, as without a login', () => {
    const runs = rounds(5, { ...lockOfReports, 'without task report of buyer': { price: 2, failed: 1 } });
    const { effects, sentences } = explain(runs);
    const one = effects.find(({ experiment }) => experiment === 'without task report of buyer')!;
    expect(one).toMatchObject({ status: 'open', failed: { base: 0, changed: 1 } });
    expect(sentences.join(' ')).not.toContain('All other operations are faster without task report');
  });

  it('has something to explain where operations fail, though their times are short', () => {
    const runs = rounds(5, {
      'the load as it is': { price: 20, report: 40, failed: 0.5 },
      'a tenth of the load': { price: 20, report: 40 },
      'without task report of buyer': { price: 20, failed: 0.5 },
      'without task price of buyer': { report: 40 },
      'half of the load': { price: 20, report: 40, failed: 0.4 },
    });
    const { status, sentences } = explain(runs);
    expect(status).toBe('open');
    expect(sentences).toContain(
      'Under the load as it is 35.7 % of the operations fail, and 0 % at a tenth of it.',
    );
  });

  it('takes no change of the mix for an effect', () => {
    // Half of the load does far fewer of the slow reports, and each task takes as long as before.
    const runs = rounds(5, lockOfReports, (run, experiment) => {
      if (experiment !== 'half of the load') return run;
      return measure({
        record: (meter) => {
          recordIterations(meter, 50, { task: 'price', durationMs: 100 });
          recordIterations(meter, 1, { task: 'report', durationMs: 200 });
        },
      });
    });
    const half = explain(runs).effects.find(({ kind }) => kind === 'load')!;
    expect(half.status).toBe('none');
    expect(half.p95!.ratio).toBeGreaterThan(0.95);
  });

  it('does not call faster in the middle what is slower at the end', () => {
    const runs = rounds(5, lockOfReports, (run, experiment) => {
      if (experiment !== 'half of the load') return run;
      return measure({
        record: (meter) => {
          recordIterations(meter, 40, { task: 'price', durationMs: 40 });
          recordIterations(meter, 10, { task: 'price', durationMs: 400 });
          recordIterations(meter, 20, { task: 'report', durationMs: 200 });
        },
      });
    });
    const half = explain(runs).effects.find(({ kind }) => kind === 'load')!;
    expect(half.median!.ratio).toBeLessThan(0.6);
    expect(half.p95!.ratio).toBeGreaterThan(1.5);
    expect(half.status).toBe('open');
    expect(half.restored).toBeUndefined();
  });

  it('concludes nothing from four rounds, or where noise hides the answer', () => {
    const few = explain(rounds(4, lockOfReports));
    expect([few.status, few.effects[0]!.status]).toEqual(['open', 'open']);
    expect(few.sentences[0]).toMatch(/measured in 4 rounds only, and 5 are needed/);
    let sign = 1;
    const noisy = rounds(5, lockOfReports, (run) => {
      sign = -sign;
      return measure({
        record: (meter) => {
          recordIterations(meter, 50, { task: 'price', durationMs: sign > 0 ? 20 : 200 });
          recordIterations(meter, 20, { task: 'report', durationMs: sign > 0 ? 20 : 200 });
        },
        changes: { id: run.id },
      });
    });
    const open = explain(noisy);
    expect(open.status).toBe('open');
    expect(open.sentences[0]).toMatch(/^No experiment tells what slows the target down/);
  });

  it('leaves out runs that the generator limited, that were interrupted or cut off, and says why', () => {
    const runs = rounds(6, lockOfReports, (run, experiment, round) => {
      if (round !== 0) return run;
      if (experiment === 'the load as it is') {
        return { ...run, generator: { ...run.generator, saturated: true, reasons: ['It was busy.'] } };
      }
      if (experiment === 'a tenth of the load') return { ...run, interrupted: true };
      if (experiment !== 'half of the load') return run;
      const waitedMs = { least: 900, most: 900, sum: 9000 };
      const cut = { metric: 'http_req_duration', tags: {}, due: false, count: 10, waitedMs, overdue: 10 };
      return { ...run, cutOff: [cut] };
    });
    const { unusable, effects } = explain(runs);
    expect(unusable.map(({ experiment, reason }) => [experiment, reason])).toEqual([
      ['the load as it is', 'the load generator was the limit: It was busy'],
      ['a tenth of the load', 'it was interrupted'],
      ['half of the load', '10 operations of 710 got no answer before the end'],
    ]);
    expect(effects[0]).toMatchObject({ rounds: 5, status: 'restores' });
  });
});

it('tells where the time of users goes, think time included', () => {
  // Ten users for 10 s: 100 s; 50 x 0.2 s + 50 x 0.6 s = 40 s busy, so 0.6 s of thinking after each iteration.
  const executor = { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs: 10_000 } as const;
  const measured = measure({
    plan: { scenarios: [scenario('main', executor)] },
    record: (meter) => {
      recordIterations(meter, 5, { task: 'price', durationMs: 200 });
      recordIterations(meter, 5, { task: 'report', durationMs: 600 });
    },
  });
  const shares = timeSharesOf(measured).get('buyer')!;
  expect(shares.get('price')).toBeCloseTo(0.4, 10);
  expect(shares.get('report')).toBeCloseTo(0.6, 10);
});
