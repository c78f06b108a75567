// Small documents that are right, for tests to use or to spoil. Called by the tests of the PratikoAI system.

import { deflateSync } from 'node:zlib';

/** A PDF of one page that shows these lines. */
export function samplePdf(lines: readonly string[]): Buffer {
  const content = deflateSync(`BT /F1 12 Tf ${lines.map((line) => `(${line}) Tj 0 -14 Td`).join(' ')} ET`);
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>',
    `<< /Length ${content.length} /Filter /FlateDecode >>\nstream\n${content.toString('latin1')}\nendstream`,
  ];
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const entries = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`);
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries.join('')}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>`;
  return Buffer.from(`${text}${table}${trailer}\nstartxref\n${text.length}\n%%EOF\n`, 'latin1');
}

/** An invoice of two lines at 22 %: 150.00 net, 33.00 tax. */
export function sampleFattura(): string {
  const party = (element: string, code: string, name: string) =>
    `<${element}><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>${code}</IdCodice></IdFiscaleIVA>
    <Anagrafica><Denominazione>${name}</Denominazione></Anagrafica></DatiAnagrafici></${element}>`;
  const line = (number: number, quantity: string, price: string, total: string) =>
    `<DettaglioLinee><NumeroLinea>${number}</NumeroLinea><Descrizione>Consulenza</Descrizione><Quantita>${quantity}</Quantita>
    <PrezzoUnitario>${price}</PrezzoUnitario><PrezzoTotale>${total}</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
  <FatturaElettronicaHeader>
    <DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>00000000001</IdCodice></IdTrasmittente>
      <ProgressivoInvio>00001</ProgressivoInvio><FormatoTrasmissione>FPR12</FormatoTrasmissione>
      <CodiceDestinatario>0000000</CodiceDestinatario></DatiTrasmissione>
    ${party('CedentePrestatore', '00000000001', 'Rossi &amp; Figli')}
    ${party('CessionarioCommittente', '00000000002', 'Bianchi')}
  </FatturaElettronicaHeader>
  <FatturaElettronicaBody>
    <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa><Data>2026-01-15</Data>
      <Numero>2026/7</Numero></DatiGeneraliDocumento></DatiGenerali>
    <DatiBeniServizi>${line(1, '2.00', '50.00', '100.00')}${line(2, '4.00', '12.50', '50.00')}
      <DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>150.00</ImponibileImporto><Imposta>33.00</Imposta></DatiRiepilogo>
    </DatiBeniServizi>
  </FatturaElettronicaBody>
</p:FatturaElettronica>`;
}
