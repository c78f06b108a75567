// What is found in a document, by its format. Called by the threads that take documents apart, and by threads.ts.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../../src/model/errors.ts';
import { DocumentError, type DocumentErrorCode } from './document-error.ts';
import { analyseFattura, type FatturaResult } from './fattura.ts';
import { analysePdf } from './pdf.ts';

export const formats = ['pdf', 'fattura'] as const;
export type DocumentFormat = (typeof formats)[number];

interface PdfResult {
  readonly kind: 'fattura' | 'f24' | 'dichiarazione' | 'other';
  readonly version: string;
  readonly pages: number;
  readonly objects: number;
  /** Of its text. */
  readonly characters: number;
  /** Sums of money in the order in which they appear, at most 100. */
  readonly amounts: readonly number[];
  /** Tax codes (codici tributo), at most 100. */
  readonly codes: readonly string[];
}

export type DocumentResult = (PdfResult | FatturaResult) & { readonly sha256: string };

export type Analysis =
  | { readonly kind: 'done'; readonly result: DocumentResult }
  | {
      readonly kind: 'failed';
      readonly error: { readonly code: DocumentErrorCode; readonly message: string };
    };

export interface AnalysisTask {
  readonly path: string;
  readonly format: DocumentFormat;
}

const mostListed = 100;

/** The format by the first bytes; `undefined` for what is none of them. */
export function formatOf(bytes: Buffer): DocumentFormat | undefined {
  const start = bytes.subarray(0, 256).toString('latin1');
  if (start.startsWith('%PDF-')) return 'pdf';
  return /^(?:\u00ef\u00bb\u00bf)?\s*<(?:\?xml|[\w:]*FatturaElettronica)/.test(start) ? 'fattura' : undefined;
}

/** Reads the file. Throws only when that fails. */
export async function analyse({ path, format }: AnalysisTask): Promise<Analysis> {
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  try {
    const found = format === 'pdf' ? readPdf(bytes) : analyseFattura(bytes);
    return { kind: 'done', result: { ...found, sha256 } };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { kind: 'failed', error: { code: error.code, message: messageOf(error) } };
  }
}

function readPdf(bytes: Buffer): PdfResult {
  const { version, pages, objects, text } = analysePdf(bytes);
  const amounts = text.match(/\d[\d.]*,\d{2}(?!\d)/g) ?? [];
  const codes = [...text.matchAll(/codice tributo:?\s+(\d{4})/gi)].map(([, code]) => code!);
  return {
    kind: kindOf(text),
    version,
    pages,
    objects,
    characters: text.length,
    amounts: amounts.slice(0, mostListed).map((one) => Number(one.replaceAll('.', '').replace(',', '.'))),
    codes: [...new Set(codes)].slice(0, mostListed),
  };
}

function kindOf(text: string): PdfResult['kind'] {
  if (/\bF24\b/.test(text)) return 'f24';
  if (/dichiarazione dei redditi/i.test(text)) return 'dichiarazione';
  return /\bfattura\b/i.test(text) ? 'fattura' : 'other';
}
