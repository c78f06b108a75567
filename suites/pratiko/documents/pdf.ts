// Writes PDF files: pages of text, and pages that were scanned. Called by documents.ts.

/** A page of text, or a scanned one: a byte of grey for each dot, row by row, packed by zlib. */
export type PdfPage = { readonly lines: readonly string[] } | { readonly scan: Scan };

export interface Scan {
  readonly width: number;
  readonly height: number;
  readonly packed: Buffer;
}

/** Points, 72 to the inch: A4. */
const paper = { width: 595, height: 842 };
const margin = 56;
const lineHeight = 15;

/** A file of PDF 1.7 (ISO 32000-1). Text is Latin-1; what it lacks becomes a question mark. */
export function makePdf(title: string, pages: readonly PdfPage[]): Buffer {
  const objects: Buffer[] = [];
  const add = (...parts: readonly (string | Buffer)[]): number => {
    objects.push(Buffer.concat(parts.map((part) => (typeof part === 'string' ? latin1(part) : part))));
    return objects.length;
  };
  // The first objects know the numbers of each other and of the pages, which follow.
  const [catalog, pageTree, font, info] = [1, 2, 3, 4];
  objects.length = 4;
  const kids = pages.map((page) => {
    const { resources, content } = 'lines' in page ? textPage(page.lines, font) : scannedPage(page.scan, add);
    const contents = add(...stream('', latin1(content)));
    const box = `[0 0 ${paper.width} ${paper.height}]`;
    return add(
      `<< /Type /Page /Parent ${pageTree} 0 R /MediaBox ${box} /Resources << ${resources} >> /Contents ${contents} 0 R >>`,
    );
  });
  objects[catalog - 1] = latin1(`<< /Type /Catalog /Pages ${pageTree} 0 R /Lang (it-IT) >>`);
  const references = kids.map((kid) => `${kid} 0 R`).join(' ');
  objects[pageTree - 1] = latin1(`<< /Type /Pages /Kids [${references}] /Count ${kids.length} >>`);
  objects[font - 1] = latin1(
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  );
  objects[info - 1] = latin1(`<< /Title (${escaped(title)}) /Producer (Plimsoll) >>`);
  return assemble(objects, `/Root ${catalog} 0 R /Info ${info} 0 R`);
}

/** Objects, the table of where each begins, and the trailer. */
function assemble(objects: readonly Buffer[], trailer: string): Buffer {
  // Four bytes above 127 tell transfer programs that the file is binary.
  const parts: Buffer[] = [latin1('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n')];
  let size = parts[0]!.length;
  const offsets = objects.map((object, i) => {
    const offset = size;
    const whole = Buffer.concat([latin1(`${i + 1} 0 obj\n`), object, latin1('\nendobj\n')]);
    parts.push(whole);
    size += whole.length;
    return offset;
  });
  const count = objects.length + 1;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    latin1(
      `xref\n0 ${count}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${count} ${trailer} >>\nstartxref\n${size}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

type PagePart = { readonly resources: string; readonly content: string };

function textPage(lines: readonly string[], font: number): PagePart {
  const shown = lines.map((line) => `(${escaped(line)}) Tj T*`).join('\n');
  const start = `${margin} ${paper.height - margin} Td ${lineHeight} TL`;
  return {
    resources: `/Font << /F1 ${font} 0 R >>`,
    content: `BT\n/F1 10 Tf\n${start}\n${shown}\nET`,
  };
}

function scannedPage(
  { width, height, packed }: Scan,
  add: (...parts: readonly (string | Buffer)[]) => number,
): PagePart {
  const entries = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8`;
  const image = add(...stream(`${entries} /Filter /FlateDecode `, packed));
  return {
    resources: `/XObject << /Im1 ${image} 0 R >>`,
    content: `q ${paper.width} 0 0 ${paper.height} 0 0 cm /Im1 Do Q`,
  };
}

const stream = (entries: string, data: Buffer): readonly (string | Buffer)[] => [
  `<< ${entries}/Length ${data.length} >>\nstream\n`,
  data,
  '\nendstream',
];

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const escaped = (text: string): string =>
  text.replaceAll(/[^\u0020-\u00ff]/g, '?').replaceAll(/[\\()]/g, String.raw`\$&`);
