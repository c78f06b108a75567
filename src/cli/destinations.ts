// Where results go, as the flags of a command name it. Loads little, so that a mistake is found before any worker boots.

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';
import type { OutputDefinition } from '../model/output.ts';
import { parseSend } from '../outputs/address.ts';
import { exportFormats, parseFormats, type ReportFormat, reportFormats } from '../report/format-names.ts';

/** A file that one summary is written to. */
export interface Export {
  readonly file: string;
  readonly format: ReportFormat;
}

export interface Destinations {
  /** What is written into the folder of results. */
  readonly formats: readonly ReportFormat[];
  readonly exportTo: Export | undefined;
  /** Where figures are sent while the run goes on, beside the outputs of the suite. */
  readonly outputs: readonly OutputDefinition[];
}

interface DestinationFlags {
  readonly formats?: string;
  readonly send?: readonly string[];
}

/**
 * Reads and checks the flags; `exportFile` is the value of `exportFlag`. Throws a `UsageError` for the first of them that
 * names an unknown format or kind, or a file that could not be written in the end.
 */
export async function readDestinations(
  flags: DestinationFlags,
  exportFile: string | undefined,
  exportFlag = '--export',
): Promise<Destinations> {
  const formats = flags.formats === undefined ? reportFormats : parseFormats(flags.formats);
  const exportTo = exportFile === undefined ? undefined : await checkExport(exportFlag, exportFile);
  const outputs = (flags.send ?? []).map(parseSend);
  return { formats, exportTo, outputs };
}

async function checkExport(flag: string, file: string): Promise<Export> {
  const format = exportFormats.find((one) => extname(file) === `.${one}`);
  if (format === undefined) {
    throw new UsageError(
      `${flag} ${file}: expected a name ending in ${exportFormats.map((one) => `.${one}`).join(', ')}`,
    );
  }
  await assertWritable(flag, file);
  return { file, format };
}

async function assertWritable(flag: string, file: string): Promise<void> {
  const folder = dirname(resolve(file));
  const place = await stat(file).catch(() => undefined);
  const reason = place?.isDirectory()
    ? 'it is a folder'
    : await access(place === undefined ? folder : file, constants.W_OK).then(
        async () => ((await stat(folder)).isDirectory() ? undefined : `${folder} is not a folder`),
        messageOf,
      );
  if (reason === undefined) return;
  throw new UsageError(`${flag} ${file}: cannot write there: ${reason}`, {
    hint: 'name a file in a folder that exists and is writable',
  });
}
