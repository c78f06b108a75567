import { describe, expect, it, test } from 'vitest';
import { formatOf } from './analyse.ts';
import { analyseFattura } from './fattura.ts';
import { readFilePart } from './multipart.ts';
import { analysePdf } from './pdf.ts';
import { textOfContent } from './pdf-text.ts';
import { createQueue } from './queue.ts';
import { sampleFattura, samplePdf } from './samples.cases.ts';
import { parseXml } from './xml.ts';

describe('a PDF', () => {
  const pdf = samplePdf(['Modello F24', 'Codice tributo 6001: EUR 1.234,50']);
  const spoiled = (from: string | RegExp, to: string) =>
    Buffer.from(pdf.toString('latin1').replace(from, to), 'latin1');

  it('is taken apart by its cross-reference table', () => {
    expect(analysePdf(pdf)).toEqual({
      version: '1.7',
      pages: 1,
      objects: 4,
      text: 'Modello F24\nCodice tributo 6001: EUR 1.234,50\n',
    });
  });

  it.each([
    ['another header', spoiled('%PDF-1.7', '%PDX-1.7'), /begin with %PDF/],
    ['no end', pdf.subarray(0, -8), /end with startxref/],
    ['a table elsewhere', spoiled('startxref\n', 'startxref\n9'), /startxref leads/],
    ['an object elsewhere', spoiled('2 0 obj', '7 0 obj'), /object 2 is not where/],
    ['a stream of another length', spoiled(/\/Length (\d)/, '/Length 0'), /does not end where it says/],
    ['a stream that is damaged', damaged(pdf), /cannot be unpacked/],
    ['no page', spoiled('/Type /Page /Parent', '/Type /Pagx /Parent'), /no page/],
  ])('with %s is refused', (_what, bytes, why) => {
    expect(() => analysePdf(bytes)).toThrow(why);
  });

  it('with a compressed cross-reference table is read by its objects', () => {
    const text = pdf.toString('latin1');
    const at = text.indexOf('xref\n0');
    const stream = `5 0 obj\n<< /Type /XRef /Length 0 >>\nstream\n\nendstream\nendobj\nstartxref\n${at}\n%%EOF`;
    expect(analysePdf(Buffer.from(text.slice(0, at) + stream, 'latin1'))).toMatchObject({
      pages: 1,
      objects: 5,
    });
  });
});

/** The first bytes of its compressed stream replaced. */
function damaged(pdf: Buffer): Buffer {
  const copy = Buffer.from(pdf);
  const at = copy.indexOf('stream\n') + 'stream\n'.length;
  copy.fill(0xff, at, at + 6);
  return copy;
}

test('text of a content stream has its escapes, hexadecimal strings and lines', () => {
  expect(textOfContent(String.raw`BT (a \(b\) \350) Tj T* <4142> Tj [(c) -20 (d)] TJ ET`)).toBe(
    'a (b) è\nABcd\n',
  );
});

describe('a FatturaPA', () => {
  const fattura = sampleFattura();
  const analysed = (from: string, to: string) => () => analyseFattura(Buffer.from(fattura.replace(from, to)));

  it('has parties, lines and sums', () => {
    expect(analyseFattura(Buffer.from(`\ufeff${fattura}`))).toEqual({
      kind: 'fattura',
      transmission: 'FPR12',
      number: '2026/7',
      date: '2026-01-15',
      supplier: { vatNumber: 'IT00000000001', name: 'Rossi & Figli' },
      customer: { vatNumber: 'IT00000000002', name: 'Bianchi' },
      lines: 2,
      taxable: 150,
      tax: 33,
      total: 183,
    });
  });

  it.each([
    ['another root', 'p:FatturaElettronica versione', 'p:Fattura versione', /not closed/],
    ['another version', 'versione="FPR12"', 'versione="FPR13"', /versione is "FPR13"/],
    ['no number', '<Numero>2026/7</Numero>', '', /DatiGeneraliDocumento has no Numero/],
    ['a line that is wrong', '<PrezzoTotale>50.00', '<PrezzoTotale>51.00', /line 2: .*00423/],
    ['a sum that is wrong', '<ImponibileImporto>150', '<ImponibileImporto>152', /00422|00421/],
    ['a tax that is wrong', '<Imposta>33.00', '<Imposta>33.02', /00421/],
    ['a VAT number that is none', '<IdCodice>00000000002', '<IdCodice>123', /IdCodice in IdFiscaleIVA/],
  ])('with %s is refused', (_what, from, to, why) => {
    expect(analysed(from, to)).toThrow(why);
  });

  it('may differ by what the Sistema di Interscambio lets pass', () => {
    expect(analysed('<Imposta>33.00', '<Imposta>33.01')()).toMatchObject({ tax: 33.01 });
    expect(analysed('<PrezzoTotale>50.00', '<PrezzoTotale>50.01')()).toMatchObject({ taxable: 150 });
  });
});

describe('XML', () => {
  it('has attributes, entities, CDATA and empty elements', () => {
    const root = parseXml(`<a x="1 &lt; 2" y='z'><n:b/>t&#232;<![CDATA[<c>]]><?pi ?></a>`);
    expect([...root.attributes]).toEqual([
      ['x', '1 < 2'],
      ['y', 'z'],
    ]);
    expect(root).toMatchObject({ name: 'a', text: 'tè<c>', children: [{ name: 'b' }] });
  });

  it.each([
    '',
    'a',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a x=1/>',
    '<a x="1" x="2"/>',
    '<a>&nbsp;</a>',
    '<a>&amp</a>',
    '<a><!-- </a>',
    '<!DOCTYPE a><a/>',
    `${'<a>'.repeat(101)}${'</a>'.repeat(101)}`,
  ])('is refused where it is not well-formed: %s', (text) => {
    expect(() => parseXml(text)).toThrow(/^line \d+: /);
  });
});

describe('the file of a form', () => {
  const body = (parts: string) => Buffer.from(parts.replaceAll('\n', '\r\n'));
  const type = 'multipart/form-data; boundary=xyz';
  const form = `--xyz
Content-Disposition: form-data; name="kind"

f24
--xyz
Content-Disposition: form-data; name="file"; filename="a.pdf"
Content-Type: application/pdf

%PDF-
with lines
--xyz--
`;

  it('is found among other parts', () => {
    expect(readFilePart(body(form), type).toString()).toBe('%PDF-\r\nwith lines');
    expect(readFilePart(body(form), 'multipart/form-data; boundary="xyz"')).toHaveLength(17);
  });

  it.each([
    ['no boundary', form, 'multipart/form-data', /names no boundary/],
    ['another boundary', form, 'multipart/form-data; boundary=abc', /does not begin/],
    ['no such part', form.replace('name="file"', 'name="other"'), type, /no part named file/],
    ['an early end', form.slice(0, -20), type, /ends within a part/],
  ])('is missed where there is %s', (_what, text, contentType, why) => {
    expect(() => readFilePart(body(text), contentType)).toThrow(why);
  });
});

test('formats are told by the first bytes', () => {
  expect(formatOf(samplePdf([]))).toBe('pdf');
  expect(formatOf(Buffer.from(`\ufeff\n${sampleFattura()}`))).toBe('fattura');
  expect(formatOf(Buffer.from('hello'))).toBeUndefined();
});

describe('the queue', () => {
  const deferred = () => {
    let end = () => {};
    const done = new Promise<void>((resolve) => (end = resolve));
    return { end: () => end(), work: () => done };
  };

  it('has so many at once and lets so many wait, in their order', async () => {
    const queue = createQueue({ mostAtOnce: 2, mostWaiting: 2 });
    const jobs = [1, 2, 3, 4, 5].map((id) => ({ id, ...deferred() }));
    expect(jobs.map(({ id, work }) => queue.add(id, work))).toEqual([true, true, true, true, false]);
    expect(queue.state()).toEqual({ waiting: 2, processing: 2, mostAtOnce: 2 });
    expect([2, 3, 4].map((id) => queue.positionOf(id))).toEqual([undefined, 1, 2]);
    jobs[1]!.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(queue.positionOf(4)).toBe(1);
    expect(queue.state()).toMatchObject({ waiting: 1, processing: 2 });
    for (const { end } of jobs) end();
    await queue.close();
    expect(queue.peak()).toBe(2);
  });

  it('knows no limit where there is none', () => {
    const queue = createQueue({ mostAtOnce: 0, mostWaiting: 0 });
    for (let id = 1; id <= 500; id++) expect(queue.add(id, () => new Promise(() => {}))).toBe(true);
    expect(queue.state()).toEqual({ waiting: 0, processing: 500, mostAtOnce: 0 });
  });
});
