// Makes X.509 certificates for tests, with node:crypto alone: a few structures in DER (RFC 5280), signed by ECDSA.

import crypto from 'node:crypto';
import net from 'node:net';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** Subject, for certificates issued with it. */
  readonly name: string;
}

export interface CertificateOptions {
  readonly name: string;
  /** Host names and addresses that it is valid for. */
  readonly hosts?: readonly string[];
  /** Without it the certificate signs itself. */
  readonly issuer?: Certificate;
  readonly isAuthority?: boolean;
  readonly validFrom?: Date;
  readonly validTo?: Date;
  /** An RSA key of so many bits in place of one on a curve; only with an issuer, which signs. */
  readonly rsaBits?: number;
}

const dayMs = 86_400_000;

export function makeCertificate(options: CertificateOptions): Certificate {
  const { name, issuer, hosts = [], isAuthority = false } = options;
  const { publicKey, privateKey } =
    options.rsaBits === undefined
      ? crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : crypto.generateKeyPairSync('rsa', { modulusLength: options.rsaBits });
  const signer = issuer === undefined ? privateKey : crypto.createPrivateKey(issuer.key);
  const extensions = [
    extension('2.5.29.19', sequence(...(isAuthority ? [der(0x01, Buffer.from([0xff]))] : []))),
    ...(hosts.length === 0 ? [] : [extension('2.5.29.17', sequence(...hosts.map(alternativeName)))]),
  ];
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), crypto.randomBytes(8)])),
    ecdsaWithSha256,
    distinguishedName(issuer?.name ?? name),
    sequence(
      time(options.validFrom ?? new Date(Date.now() - dayMs)),
      time(options.validTo ?? new Date(Date.now() + dayMs)),
    ),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = crypto.sign('sha256', body, signer);
  const certificate = sequence(body, ecdsaWithSha256, bitString(signature));
  const lines = certificate
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    name,
  };
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

function objectId(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const bytes = [first! * 40 + second!];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));

function distinguishedName(name: string): Buffer {
  return sequence(der(0x31, sequence(objectId('2.5.4.3'), der(0x0c, Buffer.from(name)))));
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

function alternativeName(host: string): Buffer {
  if (net.isIPv4(host)) return der(0x87, Buffer.from(host.split('.').map(Number)));
  return der(0x82, Buffer.from(host));
}
