// A million damaged responses. Whatever the damage, the parser ends, says why it refuses, reads the same in any
// pieces, agrees with a plain reading of the standard, and carries nothing into the response that follows.
// PLIMSOLL_FUZZ_SEED and PLIMSOLL_FUZZ_COUNT change what is tried.

import { expect, test } from 'vitest';
import { invalid, ResponseParser } from '../../src/protocols/http/response-parser.ts';
import { createRandom } from '../../src/stats/random.ts';
import {
  fuzzCount,
  fuzzSeed,
  maxResponseBytes,
  mutate,
  responses,
  tokenOf,
  writeResponse,
} from './mutations.ts';
import { readResponse } from './reference-parser.ts';

/** The plain reading is slow, so it checks one response in this many. */
const referenceEvery = 4;

interface Outcome {
  readonly accepted: boolean;
  readonly usedCount: number;
}

/** Feeds `bytes[0, length)` in pieces through a buffer that each piece overwrites, then closes the connection. */
function feed(
  parser: ResponseParser,
  bytes: Buffer,
  length: number,
  readBuffer: Buffer,
  pieceBytes: () => number,
): Outcome {
  let at = 0;
  while (at < length) {
    const count = Math.min(length - at, pieceBytes());
    bytes.copy(readBuffer, 0, at, at + count);
    const used = parser.execute(readBuffer, 0, count);
    if (used === invalid) {
      if (parser.failure === '') throw new Error('refused without a reason');
      return { accepted: false, usedCount: at };
    }
    if (used < 0 || used > count) throw new Error(`used ${used} of ${count} bytes`);
    if (parser.complete) return { accepted: true, usedCount: at + used };
    if (used !== count) throw new Error(`stopped at ${used} of ${count} bytes without being complete`);
    at += count;
  }
  const accepted = parser.finish();
  if (!accepted && parser.failure === '') throw new Error('incomplete without a reason');
  return { accepted, usedCount: at };
}

const bodyOf = (parser: ResponseParser): string => parser.body?.toString('latin1') ?? '';

/** What an accepted response says, as one text. */
function contentOf(parser: ResponseParser, { usedCount }: Outcome): string {
  return `${parser.status} ${parser.keepAlive} ${usedCount}\n${parser.rawHeaders}\n${bodyOf(parser)}`;
}

test(`${fuzzCount} damaged responses`, { timeout: 300_000 }, () => {
  const random = createRandom(fuzzSeed, 'parser');
  const bytes = Buffer.alloc(maxResponseBytes);
  const readBuffer = Buffer.alloc(maxResponseBytes);
  const next = Buffer.alloc(maxResponseBytes);
  const whole = new ResponseParser();
  const pieces = new ResponseParser();
  const allAtOnce = (): number => maxResponseBytes;
  const inPieces = (): number => 1 + Math.floor(random() ** 3 * 120);
  let acceptedCount = 0;

  const check = (number: number): void => {
    const isHead = random() < 0.05;
    const template = responses[Math.floor(random() * responses.length)]!;
    const length = mutate(bytes, writeResponse(template, tokenOf(number), bytes), random);
    try {
      whole.begin(isHead, true);
      const atOnce = feed(whole, bytes, length, readBuffer, allAtOnce);
      pieces.begin(isHead, true);
      const cut = feed(pieces, bytes, length, readBuffer, inPieces);
      if (atOnce.accepted !== cut.accepted) throw new Error('accepted only in one way of cutting it');
      if (atOnce.accepted) {
        acceptedCount++;
        if (contentOf(whole, atOnce) !== contentOf(pieces, cut))
          throw new Error('read differently in pieces');
      }
      if (number % referenceEvery === 0)
        compareWithReference(whole, atOnce, bytes.toString('latin1', 0, length), isHead);
      checkNext(pieces, number);
    } catch (cause) {
      const text = JSON.stringify(bytes.toString('latin1', 0, length));
      throw new Error(`seed ${fuzzSeed}, response ${number} ${isHead ? '(to HEAD) ' : ''}${text}`, { cause });
    }
  };

  /** The response that follows on the same parser is read as if there had been no other. */
  const checkNext = (parser: ResponseParser, number: number): void => {
    const token = tokenOf(number + 1);
    const length = writeResponse(responses[number % 2 === 0 ? 0 : 2]!, token, next);
    parser.begin(false, true);
    const outcome = feed(parser, next, length, readBuffer, allAtOnce);
    if (!outcome.accepted || outcome.usedCount !== length || parser.status !== 200 || !parser.keepAlive) {
      throw new Error(`the response after it is refused: ${parser.failure}`);
    }
    if (bodyOf(parser) !== token || !parser.rawHeaders.includes(token))
      throw new Error('leaks into the next');
    if (parser.hasSetCookie || parser.hasContentEncoding) throw new Error('leaks headers into the next');
  };

  for (let number = 0; number < fuzzCount; number++) check(number);
  // Neither all refused nor all read: the damage is of the size that finds mistakes.
  expect(acceptedCount).toBeGreaterThan(fuzzCount * 0.1);
  expect(acceptedCount).toBeLessThan(fuzzCount * 0.9);
});

function compareWithReference(parser: ResponseParser, outcome: Outcome, text: string, isHead: boolean): void {
  const truth = readResponse(text, isHead);
  if ((truth !== null) !== outcome.accepted) {
    throw new Error(outcome.accepted ? 'accepted, but not valid' : `valid, but refused: ${parser.failure}`);
  }
  if (truth === null) return;
  const { status, keepAlive } = parser;
  const actual = { status, body: bodyOf(parser), keepAlive, byteCount: outcome.usedCount };
  if (JSON.stringify(actual) !== JSON.stringify(truth)) {
    throw new Error(`read as ${JSON.stringify(actual)}, but it is ${JSON.stringify(truth)}`);
  }
}
