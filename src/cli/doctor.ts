// `plimsoll doctor`: what a run needs, line by line, each with what to do about it. Puts no load on a target.

import { resolve } from 'node:path';
import { type ExitCode, exitCodes, SuiteError } from '../model/errors.ts';
import type { Examined } from '../model/examination.ts';
import { marks, paintOf } from '../report/text/draw-table.ts';
import { makePalette, type Palette } from '../report/text/palette.ts';
import { wrapText } from '../report/text/text-table.ts';
import { examineAlone, examineSuite, failed } from '../run/examine.ts';
import { type LoadedSuite, loadSuite } from '../suite/suite.ts';
import { formatCount } from '../text/format-figure.ts';
import { chooseSteps } from './choose-profiles.ts';
import { usesColour } from './colour.ts';
import { type DoctorFlags, overridesOf, workerCount } from './flags.ts';
import { listenForInterrupts, unlessInterrupted } from './interrupts.ts';
import { type SuiteWithTarget, sayOnError, startSuiteTarget } from './suite-target.ts';

/** Prints each line as it is known. Returns 0, or the exit code of the worst that would keep a run from working. */
export async function doctorCommand(nameOrPath: string | undefined, flags: DoctorFlags): Promise<number> {
  const palette = makePalette(usesColour(process.stdout, flags.color));
  const lines: Examined[] = [];
  const tell = (line: Examined): void => {
    lines.push(line);
    if (flags.json !== true) process.stdout.write(draw(line, palette));
  };
  const options = { outDir: resolve(flags.out ?? 'results'), workers: workerCount(flags) };
  const interrupts = listenForInterrupts();
  let target: SuiteWithTarget | undefined;
  try {
    if (nameOrPath === undefined) {
      for await (const line of examineAlone(options)) tell(line);
    } else {
      const loading = load(nameOrPath, flags);
      const loaded = await unlessInterrupted(loading, interrupts.drain);
      if ('subject' in loaded) tell(loaded);
      else {
        const profiles = chooseSteps(loaded.definition, flags).map(({ profile }) => profile);
        target = await startSuiteTarget(loaded, flags, { interrupted: interrupts.drain, say: sayOnError });
        const own = { ...options, profiles, overrides: overridesOf(flags), force: flags.force === true };
        for await (const line of examineSuite(target.suite, own)) tell(line);
      }
    }
  } finally {
    await target?.stop();
    interrupts.stop();
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`);
  else process.stdout.write(`\n${summaryOf(lines)}\n`);
  return exitCodeOf(lines);
}

/** The suite, or the line that says why it is none. Variables may be missing: a line of its own tells of these. */
async function load(nameOrPath: string, flags: DoctorFlags): Promise<LoadedSuite | Examined> {
  try {
    return await loadSuite(nameOrPath, { environment: flags.env, env: process.env, mayLackEnv: true });
  } catch (thrown) {
    if (!(thrown instanceof SuiteError)) throw thrown;
    const line = failed('suite', thrown);
    const [first] = thrown.mistakes;
    const detail = first === undefined ? '' : `: ${first.path}: expected ${first.expected}`;
    return {
      ...line,
      finding: `${line.finding}${detail}`,
      remedy: 'plimsoll inspect tells of every mistake',
    };
  }
}

const subjectWidth = 20;
const lineWidth = 100;

function draw({ subject, status, finding, remedy }: Examined, palette: Palette): string {
  const paint = paintOf(status, palette);
  const indent = subjectWidth + 4;
  const wrapped = (text: string): string[] => wrapText(text, lineWidth - indent);
  const [first = '', ...others] = wrapped(finding);
  const head = `${paint(marks[status])} ${subject.padEnd(subjectWidth)}  ${first}`;
  const advice = remedy === undefined ? [] : wrapped(`→ ${remedy}`);
  return `${[head, ...[...others, ...advice].map((line) => ' '.repeat(indent) + line)].join('\n')}\n`;
}

function summaryOf(lines: readonly Examined[]): string {
  const count = (status: Examined['status']): number => lines.filter((line) => line.status === status).length;
  const [bad, caution] = [count('bad'), count('caution')];
  if (bad > 0) return `A run cannot work: ${formatCount(bad, 'thing')} to mend${alsoText(caution)}.`;
  return caution > 0
    ? `A run can work; ${formatCount(caution, 'thing')} may limit it.`
    : 'A run can work, and nothing was found that would limit it.';
}

function alsoText(caution: number): string {
  return caution === 0 ? '' : `, and ${formatCount(caution, 'thing')} that may limit it`;
}

/** A target that may not be loaded first, then what the command was given, then what does not answer. */
function exitCodeOf(lines: readonly Examined[]): number {
  const codes = lines.flatMap(({ exitCode }) => exitCode ?? []);
  const order: readonly ExitCode[] = [
    exitCodes.internal,
    exitCodes.refused,
    exitCodes.usage,
    exitCodes.unreachable,
  ];
  return order.find((code) => codes.includes(code)) ?? exitCodes.pass;
}
