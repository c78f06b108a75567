// Shows a run while it goes: a few lines that redraw themselves on a terminal, a plain line every few seconds
// where there is none.

import { stripVTControlCharacters } from 'node:util';
import { createLogUpdate } from 'log-update';
import { operationMetrics } from '../model/operation.ts';
import type { Plan } from '../model/plan.ts';
import type { LiveOperations, LiveProgress } from '../model/progress.ts';
import { compressedText } from '../plan/describe.ts';
import { formatCount, formatMs, formatPercent, formatPerSec } from '../report/format-values.ts';
import type { Palette } from '../report/text/palette.ts';
import { factorText } from '../text/format-figure.ts';
import { monotonicMs } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { cancelTimer, startRepeating, type Timer } from '../time/timer.ts';
import { movesCursor } from './colour.ts';
import { watchedLine, watchedLines } from './watched-lines.ts';

export interface ProgressDisplay {
  started(plan: Plan): void;
  update(plan: Plan, progress: LiveProgress): void;
  /** A line of its own, above what redraws itself. */
  say(line: string): void;
  /** Removes what redraws itself. */
  stop(): void;
}

const plainIntervalMs = 5000;
const redrawIntervalMs = 250;
const barWidth = 32;

/** Where nothing can be redrawn, `verbose` adds a line with all monitors to that of the load. */
export function createProgressDisplay(
  stream: NodeJS.WriteStream,
  palette: Palette,
  { verbose }: { readonly verbose: boolean },
): ProgressDisplay {
  return movesCursor(stream) ? createLiveDisplay(stream, palette) : createPlainDisplay(stream, verbose);
}

export const silentDisplay: ProgressDisplay = {
  started() {},
  update() {},
  say() {},
  stop() {},
};

function createLiveDisplay(stream: NodeJS.WriteStream, palette: Palette): ProgressDisplay {
  const draw = createLogUpdate(stream);
  let current: { plan: Plan; startedAtMs: number; progress: LiveProgress | undefined } | undefined;
  const redraw = (): void => {
    if (current === undefined) return;
    draw(liveLines(current.plan, monotonicMs() - current.startedAtMs, current.progress, palette).join('\n'));
  };
  let timer: Timer | undefined;
  return {
    started(plan) {
      current = { plan, startedAtMs: monotonicMs(), progress: undefined };
      redraw();
      cancelTimer(timer);
      timer = startRepeating(redraw, redrawIntervalMs);
    },
    update(plan, progress) {
      if (current !== undefined) current = { ...current, plan, progress };
    },
    say(line) {
      draw.clear();
      stream.write(`${plainText(line)}\n`);
      redraw();
    },
    stop() {
      cancelTimer(timer);
      current = undefined;
      draw.clear();
      draw.done();
    },
  };
}

function liveLines(
  plan: Plan,
  elapsedMs: number,
  progress: LiveProgress | undefined,
  palette: Palette,
): string[] {
  const share = Math.min(1, elapsedMs / plan.durationMs);
  const filled = Math.round(share * barWidth);
  const bar = palette.green('█'.repeat(filled)) + palette.dim('░'.repeat(barWidth - filled));
  const left = plan.durationMs - elapsedMs;
  const rest =
    left > 0
      ? `${formatDuration(Math.ceil(left / 1000) * 1000)} left`
      : 'waiting for running iterations to finish';
  const title = `${palette.bold(`${plan.suite} · ${plan.profile}`)}${plan.compressed === undefined ? '' : ` ${palette.yellow(`compressed ${factorText(plan.compressed)}`)}`}  ${bar} ${formatDuration(Math.floor(elapsedMs / 1000) * 1000).padStart(5)}  ${palette.dim(rest)}`;
  if (progress === undefined) return [title, palette.dim('  starting ...')];
  return [title, `  ${figures(progress, palette)}`, ...watchedLines(progress, palette)];
}

/** The figures of a run in one line; of each kind of operations where there are several. */
export function figures(progress: LiveProgress, palette: Palette): string {
  const { droppedIterations, checkFails, operations } = progress;
  const alarm = (text: string): string => palette.red(text);
  const parts = [`${formatCount(progress.vus)} VUs`];
  for (const one of operations) parts.push(...operationFigures(one, operations.length > 1, palette));
  if (checkFails > 0) parts.push(alarm(`${formatCount(checkFails)} checks failed`));
  if (droppedIterations > 0) parts.push(alarm(`${formatCount(droppedIterations)} dropped`));
  return parts.join(palette.dim('  |  '));
}

function operationFigures(one: LiveOperations, isBrief: boolean, palette: Palette): string[] {
  const time = (ms: number | null): string => (ms === null ? '-' : formatMs(ms));
  const rate = formatPerSec(one.perSec).replace('/s', ` ${operationMetrics[one.kind].perSec}`);
  const failed = `${formatCount(one.failed)} failed`;
  const paint = one.failed > 0 ? palette.red : same;
  if (isBrief) {
    const failures = one.failed > 0 ? [paint(failed)] : [];
    return [[`${rate}, p95 ${time(one.lastP95Ms)}`, ...failures].join(', ')];
  }
  return [
    rate,
    `p95 ${time(one.lastP95Ms)} now, ${time(one.runP95Ms)} overall`,
    paint(`${failed} (${formatPercent(one.failedRatio)})`),
  ];
}

export function createPlainDisplay(
  stream: Pick<NodeJS.WriteStream, 'write'>,
  verbose: boolean,
  nowMs: () => number = monotonicMs,
): ProgressDisplay {
  const plain: Palette = { bold: same, dim: same, green: same, yellow: same, red: same, magenta: same };
  let saidAtMs = 0;
  return {
    started(plan) {
      saidAtMs = nowMs();
      stream.write(
        `running ${plan.suite} · ${plan.profile} for ${formatDuration(Math.round(plan.durationMs))}${compressedText(plan)}\n`,
      );
    },
    update(_plan, progress) {
      if (nowMs() - saidAtMs < plainIntervalMs) return;
      saidAtMs = nowMs();
      stream.write(`${formatDuration(progress.elapsedMs).padStart(6)}  ${figures(progress, plain)}\n`);
      const watched = verbose ? watchedLine(progress) : '';
      if (watched !== '') stream.write(`        ${watched}\n`);
    },
    say(line) {
      stream.write(`${plainText(line)}\n`);
    },
    stop() {},
  };
}

/** What user code prints may hold escape sequences, which would move the cursor under the display. */
export function plainText(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  return stripVTControlCharacters(line).replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '');
}

function same(text: string): string {
  return text;
}
