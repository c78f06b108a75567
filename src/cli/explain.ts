// `plimsoll explain`: flags in, exit code out. Finds out by short experiments what slows a load down.

import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { maskData } from '../masking/mask.ts';
import { exitCodes } from '../model/errors.ts';
import type { Explanation } from '../model/explanation.ts';
import { type Paper, renderPaperHtml, renderPaperMarkdown, renderPaperText } from '../report/paper.ts';
import { makePalette } from '../report/text/palette.ts';
import { explanationSections, statusOfExplanation } from '../report/view/explanation.ts';
import { explainSuite } from '../run/explain.ts';
import { severalRunsFolder } from '../store/run-directory.ts';
import { loadSuite } from '../suite/suite.ts';
import { favourMemory } from '../system/favour-memory.ts';
import { wallClock } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { chooseProfile } from './choose-profiles.ts';
import { usesColour } from './colour.ts';
import { type ExplainFlags, overridesOf, workerCount } from './flags.ts';
import { listenForInterrupts, unlessInterrupted } from './interrupts.ts';
import { type SuiteWithTarget, sayOnError, startSuiteTarget } from './suite-target.ts';

/** Runs the experiments. Throws what loading the suite and `explainSuite` throw. */
export async function explainCommand(nameOrPath: string, flags: ExplainFlags): Promise<number> {
  favourMemory();
  const interrupts = listenForInterrupts();
  try {
    const loading = loadSuite(nameOrPath, {
      environment: flags.env,
      env: process.env,
      mayLackEnv: flags.withTarget === true,
    });
    const loaded = await unlessInterrupted(loading, interrupts.drain);
    let target: SuiteWithTarget | undefined;
    try {
      const profile = chooseProfile(loaded.definition, flags.profile, ['stress', 'peak', 'normal']);
      target = await startSuiteTarget(loaded, flags, { interrupted: interrupts.drain, say: sayOnError });
      const say = (message: string): void => {
        if (!flags.quiet) process.stderr.write(`${message}\n`);
      };
      const { suite } = target;
      const folder = severalRunsFolder(
        resolve(flags.out ?? 'results'),
        suite.definition.name,
        `explain-${profile}`,
        wallClock(),
      );
      say(
        `explaining ${suite.definition.name} / ${profile}: runs of ${formatDuration(flags.runLength)}, at most ${formatDuration(flags.time)} in all`,
      );
      const explanation = await explainSuite({
        suite,
        profile,
        timeMs: flags.time,
        runLengthMs: flags.runLength,
        overrides: overridesOf(flags),
        workers: workerCount(flags),
        seed: flags.seed ?? randomInt(2 ** 31 - 1000),
        force: flags.force === true,
        outDir: folder,
        drainSignal: interrupts.drain,
        cutSignal: interrupts.cut,
        onEvent(event) {
          if (event.kind === 'log' && event.level !== 'debug' && event.level !== 'info')
            say(`${event.level}: ${event.message}`);
        },
        onRun: ({ name, number, count, leftMs }) =>
          say(
            `run ${number} of ${count}: ${name} (about ${formatDuration(Math.ceil(leftMs / 1000) * 1000)} left)`,
          ),
        say,
      });
      await write(folder, maskData(explanation), flags);
      if (interrupts.drain.aborted) return exitCodes.interrupted;
      return explanation.status === 'open' ? exitCodes.inconclusive : exitCodes.pass;
    } finally {
      await target?.stop();
    }
  } finally {
    interrupts.stop();
  }
}

async function write(folder: string, explanation: Explanation, flags: ExplainFlags): Promise<void> {
  const paper = paperOf(explanation);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'explanation.json'), `${JSON.stringify(explanation, undefined, 2)}\n`);
  await writeFile(join(folder, 'explanation.md'), renderPaperMarkdown(paper));
  await writeFile(join(folder, 'explanation.html'), renderPaperHtml(paper));
  const palette = makePalette(usesColour(process.stdout, flags.color));
  process.stdout.write(
    flags.quiet ? `${explanation.sentences[0]}\n` : `\n${renderPaperText(paper, palette)}`,
  );
  if (!flags.quiet) process.stdout.write(`\nwrote ${relative(process.cwd(), folder) || folder}\n`);
}

const answers: Readonly<Record<Explanation['status'], string>> = {
  explained: 'EXPLAINED',
  nothing: 'NOTHING TO EXPLAIN',
  open: 'OPEN',
};

function paperOf(explanation: Explanation): Paper {
  const { status, suite, profile, sentences } = explanation;
  return {
    kind: 'explanation of a load',
    answer: answers[status],
    status: statusOfExplanation[status],
    title: `${suite} / ${profile}`,
    reasons: sentences,
    sections: explanationSections(explanation),
  };
}
