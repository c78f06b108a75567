// The name that a TLS handshake goes by. Used by whoever opens TLS.

import net from 'node:net';
import tls from 'node:tls';

/**
 * What a handshake asks for and checks the certificate against. The name goes without a final dot, and an address is not
 * asked for (RFC 6066 section 3), but checked all the same.
 */
export function namesOf(hostname: string): Pick<tls.ConnectionOptions, 'servername' | 'checkServerIdentity'> {
  const name = hostname.replace(/\.$/, '');
  if (net.isIP(name) === 0) return { servername: name };
  return { checkServerIdentity: (_connectedTo, certificate) => tls.checkServerIdentity(name, certificate) };
}
