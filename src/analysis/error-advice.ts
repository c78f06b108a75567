// What the codes of errors mean and what usually helps: for findings and for reports.

import type { ErrorFacts } from '../protocols/facts.ts';
import { protocols } from '../protocols/registry.ts';

/** Explains a class of errors; `undefined` for those that explain themselves. The first that fits counts. */
export function explainErrorCode(code: string): ErrorFacts | undefined {
  return explanations.find(({ pattern }) => pattern.test(code));
}

const withTls = protocols.filter(({ hasTlsSettings }) => hasTlsSettings).map(({ name }) => name);
/** `http, sql or redis`. */
const haveTls = `${withTls.slice(0, -1).join(', ')} or ${withTls.at(-1)}`;

/** Those of each protocol, then those of the network and of the generator. */
const explanations: readonly ErrorFacts[] = [
  ...protocols.flatMap(({ errors }) => errors),
  {
    pattern: /^ECONNREFUSED$/,
    meaning: 'Nothing listened at the address of the target.',
    advice: 'Nothing accepted connections: check that the target ran through the whole test.',
  },
  {
    pattern: /^(ECONNRESET|EPIPE)$/,
    meaning: 'The target broke off a connection in use.',
    advice:
      'The target closed connections in use: look for crashes, and for limits of its proxy or load balancer.',
  },
  {
    pattern: /^connection_closed$/,
    meaning: 'The target closed the connection before its answer was complete.',
    advice:
      'The target closed connections before its answers were complete: look for crashes, and for a wrong Content-Length.',
  },
  {
    pattern: /(^|_)timeout$/i,
    meaning: 'No complete answer came in time.',
    advice: 'Answers took longer than the timeout: the target stalled, or the timeout is too short.',
  },
  {
    pattern: /^ENOTFOUND$/,
    meaning: 'The name of the host has no address.',
    advice: 'The host name is not known: check its spelling, and that this machine can look it up.',
  },
  {
    pattern: /^EAI_/,
    meaning: 'The name of the host could not be looked up.',
    advice: "The look-up of the host name failed: check this machine's name server.",
  },
  {
    pattern: /^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|ETIMEDOUT)$/,
    meaning: 'No packet reached the target.',
    advice: 'The network does not lead to the target: check routes, firewalls and VPNs of this machine.',
  },
  {
    pattern: /^tls_client_/,
    meaning: 'The target did not accept who we said we are.',
    advice: `The target requires a client certificate that it trusts: set cert and key in the tls of ${haveTls}.`,
  },
  {
    pattern: /^tls_certificate_/,
    meaning: "The target's certificate cannot be trusted.",
    advice: `The target's certificate does not hold: mend it, set ca or servername in the tls of ${haveTls}, or accept it with insecureSkipVerify.`,
  },
  {
    pattern: /^(EMFILE|ENFILE)$/,
    meaning: 'The generator had no file descriptor left for another connection.',
    advice:
      'The generator ran out of file descriptors: raise the limit (ulimit -n) before the run, or use more workers or machines.',
  },
  {
    pattern: /^(EADDRNOTAVAIL|EADDRINUSE)$/,
    meaning: 'The generator could not get a local address and port for another connection.',
    advice:
      'The generator ran out of local ports: widen net.ipv4.ip_local_port_range, keep connections alive, or give it more addresses of this machine in http.localAddresses.',
  },
  {
    pattern: /^(ENOBUFS|ENOMEM)$/,
    meaning: 'The generator had no memory left for another connection.',
    advice: 'The generator ran out of memory for sockets: lower the load, or spread it over machines.',
  },
  {
    pattern: /^refused_for_safety$/,
    meaning: 'The host looks like production, and nothing was sent to it.',
    advice: 'If it may be loaded, list it in safety.allowedHosts of the suite.',
  },
  {
    pattern: /^exception$/,
    advice: "The suite's own code threw: its message names the place.",
  },
];
