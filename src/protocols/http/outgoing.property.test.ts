// Whatever users give, it arrives as it is, or is refused before a byte is sent.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMultipart } from './multipart.ts';
import { withParams } from './query.ts';
import { normaliseHeaders, prepareRequest, type RequestDefaults } from './request.ts';
import { TargetResolver } from './target.ts';

const text = fc.string({ unit: 'binary', maxLength: 30 });
const anyText = fc.oneof(
  text,
  fc.string({ maxLength: 30 }),
  fc.constantFrom('\r\n', '\0', '…', 'caf\xe9', ' a ', '\x7f'),
);
const defaults: RequestDefaults = {
  headers: {},
  timeoutMs: 1000,
  phases: null,
  redirects: { most: 0, sameOrigin: false },
  maxResponseBytes: 1e6,
  retries: null,
};
const target = new TargetResolver('http://h').resolve('/x');

/** The lines of a head, without its last two line ends. */
function linesOf(bytes: string | Buffer): string[] {
  const head = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  expect(head.endsWith('\r\n\r\n')).toBe(true);
  return head.slice(0, -4).split('\r\n');
}

test('a header is one line that says what was given, or is refused', () => {
  fc.assert(
    fc.property(fc.record({ name: anyText, value: anyText, token: anyText }), ({ name, value, token }) => {
      let bytes: string | Buffer;
      try {
        const options = { headers: { [name]: value }, auth: { bearer: token } };
        bytes = prepareRequest('GET', target, options, defaults, '').bytes;
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(TypeError);
        return;
      }
      const lines = linesOf(bytes);
      for (const line of lines.slice(1))
        expect(line).toMatch(/^[!#$%&'*+\-.^_`|~0-9a-z]+: [\t\x20-\x7e\x80-\xff]*$/);
      expect(lines.length).toBeLessThanOrEqual(4);
    }),
    { numRuns: 2000 },
  );
});

test('a value that is not refused is the one that was given, without blanks around it', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const isSound = /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
      const normalise = () => normaliseHeaders({ 'X-A': value })['x-a'];
      if (!isSound) expect(normalise).toThrow(/^the header "X-A" has .* as character \d+ of \d+/);
      else expect(normalise()).toBe(value.replaceAll(/^[ \t]+|[ \t]+$/g, ''));
    }),
    { numRuns: 2000 },
  );
});

test('parameters are read back as they were given, and stand before a fragment', () => {
  const fields = fc.dictionary(
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fields,
      fc.constantFrom('', '?a', '?a=1&b=2'),
      fc.constantFrom('', '#', '#x?y=1'),
      (given, query, hash) => {
        const url = new URL(withParams(`http://h/p${query}${hash}`, given));
        const expected = Object.entries(given).flatMap(([name, values]) =>
          values.map((value) => [name, value]),
        );
        const before = [...new URLSearchParams(query)];
        expect([...url.searchParams]).toEqual([...before, ...expected]);
        expect(url.hash).toBe('');
      },
    ),
    { examples: [[{}, '', '#x?y=1']] },
  );
});

test('multipart bodies are read back as they were given', async () => {
  const fields = fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
    fc.record({ content: fc.uint8Array(), filename: fc.string({ minLength: 1 }) }),
    { maxKeys: 4 },
  );
  await fc.assert(
    fc.asyncProperty(fields, fc.string(), async (files, plain) => {
      const { content, contentType } = encodeMultipart({ ...files, '': plain });
      const response = new Response(content as Uint8Array<ArrayBuffer>, {
        headers: { 'content-type': contentType },
      });
      const form = await response.formData();
      expect(form.get('')).toBe(plain.replaceAll(/\r\n|\r|\n/g, '\r\n'));
      for (const [name, { content: bytes, filename }] of Object.entries(files)) {
        const file = form.get(name) as File;
        // The standard writes three characters as escapes, and knows no escape of the escape.
        expect(file.name).toBe(filename.replaceAll(/%22|%0d|%0a/gi, decodeURIComponent));
        expect(new Uint8Array(await file.arrayBuffer())).toEqual(Uint8Array.from(bytes));
      }
    }),
    { numRuns: 200 },
  );
});
