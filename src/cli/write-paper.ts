// Prints a report of several runs, or writes it to a file. Called by compare.ts, baseline.ts and history.ts.

import { extname } from 'node:path';
import { maskData } from '../masking/mask.ts';
import { UsageError } from '../model/errors.ts';
import { type Paper, renderPaperHtml, renderPaperMarkdown, renderPaperText } from '../report/paper.ts';
import { makePalette, plainPalette } from '../report/text/palette.ts';
import { usesColour } from './colour.ts';
import type { CompareFlags } from './flags.ts';
import { writeNamedFile } from './write-file.ts';

/** By file ending, for `--out`. */
const formats = { txt: '.txt', md: '.md', html: '.html', json: '.json' } as const;
type PaperFormat = keyof typeof formats;

/** What `--format` says, else the ending of `--out`, else text. */
export function paperFormat({ format, out }: Pick<CompareFlags, 'format' | 'out'>): PaperFormat {
  const names = Object.keys(formats) as PaperFormat[];
  if (format !== undefined) {
    const known = names.find((name) => name === format);
    if (known !== undefined) return known;
    throw new UsageError(`unknown format "${format}"`, { hint: `choose from ${names.join(', ')}` });
  }
  if (out === undefined) return 'txt';
  const ofEnding = names.find((name) => formats[name] === extname(out));
  if (ofEnding !== undefined) return ofEnding;
  throw new UsageError(`--out ${out}: the ending does not tell the format`, {
    hint: `end the name in ${names.map((name) => formats[name]).join(', ')}, or choose one with --format`,
  });
}

/**
 * Prints a report of several runs, without secrets; with `--out` it goes to that file, and the terminal has the text. Records are
 * masked already, and what they are called on the command line is not.
 */
export async function writePaper(
  shown: Paper,
  data: unknown,
  format: PaperFormat,
  flags: Pick<CompareFlags, 'out' | 'color'>,
): Promise<void> {
  const paper = maskData(shown);
  const content = {
    txt: () => renderPaperText(paper, plainPalette),
    md: () => renderPaperMarkdown(paper),
    html: () => renderPaperHtml(paper),
    json: () => `${JSON.stringify(maskData(data), undefined, 2)}\n`,
  }[format]();
  if (flags.out === undefined && format !== 'txt') {
    process.stdout.write(content);
    return;
  }
  if (flags.out !== undefined) await writeNamedFile(flags.out, content);
  process.stdout.write(renderPaperText(paper, makePalette(usesColour(process.stdout, flags.color))));
  if (flags.out !== undefined) process.stdout.write(`\nwrote ${flags.out}\n`);
}
