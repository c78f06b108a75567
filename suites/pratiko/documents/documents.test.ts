import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { documentKinds, documentSizes, sampleDocument } from './documents.ts';
import { makeFatturaPa, totalsOf } from './fattura-pa.ts';
import { makePdf } from './pdf.ts';

const megabyte = 1_000_000;
const bounds = { small: [0, 1], medium: [1, 5], large: [5, 20] } as const;
const pdfKinds = ['fattura', 'f24', 'dichiarazione'] as const;

test.each(documentSizes)('every %s document has that size, and what is expected of it', (size) => {
  const [least, most] = bounds[size];
  for (const kind of documentKinds) {
    const { content, expected } = sampleDocument(kind, size);
    expect(content.length).toBeGreaterThan(least * megabyte);
    expect(content.length).toBeLessThan(most * megabyte);
    expect(expected.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  }
});

/** Objects of a PDF in their order, as its cross-reference table finds them. Throws where the table is wrong. */
function objectsOf(pdf: Buffer): { dictionary: string; stream: Buffer | undefined }[] {
  const text = pdf.toString('latin1');
  const tableAt = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const table = /^xref\n0 (\d+)\n((?:\d{10} \d{5} [fn] \n)+)trailer\n/.exec(text.slice(tableAt))!;
  const entries = table[2]!.match(/.{19}\n/g)!;
  expect(entries).toHaveLength(Number(table[1]));
  return entries.slice(1).map((entry, i) => {
    const at = Number(entry.slice(0, 10));
    const head = /^(\d+) 0 obj\n(<<.*?>>)(\nstream\n|\nendobj\n)/s.exec(text.slice(at, at + 5000))!;
    expect(Number(head[1])).toBe(i + 1);
    if (head[3] === '\nendobj\n') return { dictionary: head[2]!, stream: undefined };
    const from = at + head[0].length;
    const length = Number(/\/Length (\d+)/.exec(head[2]!)![1]);
    expect(text.slice(from + length, from + length + 18)).toBe('\nendstream\nendobj\n');
    return { dictionary: head[2]!, stream: pdf.subarray(from, from + length) };
  });
}

test.each(pdfKinds)(
  'the cross-reference table of a %s leads to every object, and every scan unpacks',
  (kind) => {
    const { content, expected } = sampleDocument(kind, 'large');
    const objects = objectsOf(content);
    expect(objects.filter(({ dictionary }) => dictionary.includes('/Type /Page '))).toHaveLength(
      Number(expected.pages),
    );
    const scans = objects.filter(({ dictionary }) => dictionary.includes('/Subtype /Image'));
    expect(scans).toHaveLength(4);
    for (const { dictionary, stream } of scans) {
      const [width, height] = ['Width', 'Height'].map((name) =>
        Number(new RegExp(`/${name} (\\d+)`).exec(dictionary)![1]),
      );
      expect(inflateSync(stream!)).toHaveLength(width! * height!);
    }
  },
);

test('text of a PDF is escaped, and what Latin-1 lacks becomes a question mark', () => {
  const pdf = makePdf('t', [{ lines: [String.raw`a (b) \ è €`] }]).toString('latin1');
  expect(pdf).toContain(String.raw`(a \(b\) \\ è ?) Tj`);
});

test('a FatturaPA has the elements of the official schema in its order, and sums that agree', () => {
  const { content, expected } = sampleDocument('fattura_pa', 'small');
  const xml = content.toString('utf8');
  const namesIn = (element: string): string[] => {
    const inner = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(xml)![1]!;
    const names: string[] = [];
    for (let rest = inner; rest !== ''; ) {
      const [, name] = /^<(\w+)>/.exec(rest)!;
      names.push(name!);
      rest = rest.slice(rest.indexOf(`</${name}>`) + name!.length + 3);
    }
    return names;
  };
  expect(namesIn('FatturaElettronicaHeader')).toEqual([
    'DatiTrasmissione',
    'CedentePrestatore',
    'CessionarioCommittente',
  ]);
  expect(namesIn('DatiTrasmissione')).toEqual([
    'IdTrasmittente',
    'ProgressivoInvio',
    'FormatoTrasmissione',
    'CodiceDestinatario',
  ]);
  expect(namesIn('FatturaElettronicaBody')).toEqual(['DatiGenerali', 'DatiBeniServizi', 'DatiPagamento']);
  const lineTotals = [...xml.matchAll(/<PrezzoTotale>([\d.]+)</g)].map(([, amount]) => Number(amount));
  expect(lineTotals).toHaveLength(Number(expected.lines));
  const net = lineTotals.reduce((sum, amount) => sum + Math.round(amount * 100), 0);
  expect(net / 100).toBe(expected.taxable);
  expect(xml).toContain(`<ImportoTotaleDocumento>${Number(expected.total).toFixed(2)}<`);
});

test('the attachment of a large FatturaPA is the PDF invoice', () => {
  const xml = sampleDocument('fattura_pa', 'large').content.toString('utf8');
  const attached = Buffer.from(/<Attachment>(.*?)</s.exec(xml)![1]!, 'base64');
  expect(attached.equals(sampleDocument('fattura', 'large').content)).toBe(true);
});

test('IVA of an invoice is rounded half up, and signs of XML are escaped', () => {
  const party = { vat: '1', name: 'A & <B>', address: 'x', postcode: '00100', town: 'Roma', province: 'RM' };
  const invoice = {
    number: '1',
    date: '2026-01-01',
    seller: party,
    buyer: party,
    lines: [{ description: 'x', quantity: 1, price: 25 }],
    rate: 22,
  };
  expect(totalsOf(invoice)).toEqual({ net: 25, iva: 6, total: 31 });
  expect(makeFatturaPa(invoice).toString()).toContain('<Denominazione>A &amp; &lt;B&gt;</Denominazione>');
});
