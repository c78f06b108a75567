// What the codes of errors mean and what usually helps: one table for findings and for reports.

export interface ErrorAdvice {
  /** Codes that it is about, in full. */
  readonly pattern: RegExp;
  /** What happened, as a sentence; absent where code and message say it. */
  readonly meaning?: string;
  /** What to do about it, as a sentence. */
  readonly advice: string;
}

/** Explains a class of errors; `undefined` for those that explain themselves. The first that fits counts. */
export function explainErrorCode(code: string): ErrorAdvice | undefined {
  return explanations.find(({ pattern }) => pattern.test(code));
}

const explanations: readonly ErrorAdvice[] = [
  {
    pattern: /^(?:ws_)?http_429$/,
    advice: 'The target limits the rate: raise its limit for the test, or lower the load.',
  },
  {
    pattern: /^(?:ws_)?http_(401|403)$/,
    advice: 'The target refuses the credentials: check what the suite signs in with.',
  },
  {
    pattern: /^(?:ws_)?http_407$|^proxy_authentication_required$/,
    meaning: 'The proxy wants to know who asks.',
    advice: 'Put user and password into the URL of the proxy: http://user:password@host:port.',
  },
  {
    pattern: /^(?:ws_)?http_404$/,
    advice: 'The target does not know the path: check the URLs of the suite and its data.',
  },
  {
    pattern: /^(?:ws_)?http_5/,
    advice: 'The target failed by itself: look into its log at the time of the first error.',
  },
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
    pattern: /^protocol_error$/,
    meaning: 'What came is no valid HTTP response.',
    advice: 'The target does not answer in valid HTTP: check the port and the scheme, then what it sends.',
  },
  {
    pattern: /^ws_http_/,
    meaning: 'The target did not open the WebSocket.',
    advice:
      'The target answers the upgrade as an ordinary request: check the path, and what its proxy lets through.',
  },
  {
    pattern: /^ws_close_1006$/,
    meaning: 'The target ended a WebSocket session without a close frame.',
    advice:
      'Sessions were cut off: look for crashes, and for idle limits of the target and of what stands before it.',
  },
  {
    pattern: /^ws_(protocol_error|invalid_utf8)$/,
    meaning: 'What came over a WebSocket breaks its protocol (RFC 6455).',
    advice: 'The target sends frames that clients must refuse: look into what it, or its proxy, sends.',
  },
  {
    pattern: /^(ws_message|sse_event)_too_large$/,
    meaning: 'A message was given up at the size limit.',
    advice: 'Messages are longer than allowed: see why they grow, or raise the limit where they are opened.',
  },
  {
    pattern: /^sse_not_a_stream$/,
    meaning: 'The answer was no event stream.',
    advice: 'The target answers with another content type than text/event-stream: check the path.',
  },
  {
    pattern: /^redis_pool_timeout$/,
    meaning: 'No connection of the pool was free in time.',
    advice:
      'Commands waited for a connection: give redis.connections.pool more, or see why commands take long.',
  },
  {
    pattern: /^redis_protocol_error$/,
    meaning: 'What came is no answer of a Redis server.',
    advice: 'The server does not speak as Redis does: check the port, and whether it wants TLS (rediss://).',
  },
  {
    pattern: /^(NOAUTH|WRONGPASS|NOPERM)$/,
    meaning: 'The Redis server did not let us in, or not do this.',
    advice: 'Redis refuses the credentials: check user and password in REDIS_URL or redis.url, and its ACL.',
  },
  {
    pattern: /^OOM$/,
    meaning: 'The Redis server has used all the memory it may (maxmemory).',
    advice: 'Redis is full: raise maxmemory, choose a policy that evicts, or let keys expire.',
  },
  {
    pattern: /^LOADING$/,
    meaning: 'The Redis server was still reading its data.',
    advice: 'Redis was starting: start the load later, or look for the restart in its log.',
  },
  {
    pattern: /^(READONLY|MOVED|ASK|CLUSTERDOWN)$/,
    meaning: 'The key, or the right to write it, is with another Redis server.',
    advice: 'The server is a replica or one of a cluster: name the server that has the keys and may write.',
  },
  {
    pattern: /^response_too_large$/,
    meaning: 'The answer was given up at the size limit.',
    advice: 'Answers are longer than allowed: see why they grow, or raise http.maxResponseSize.',
  },
  {
    pattern: /^body_memory_exceeded$/,
    meaning: 'The bodies that the users of one worker had at once were longer than the memory for them.',
    advice:
      "Have users that do not read bodies ask for responseType 'none' or 'stream', or set more --workers: each has half a GB.",
  },
  {
    pattern: /^decode_error$/,
    meaning: 'The body was not coded as its content-encoding says.',
    advice:
      'The target, or a proxy before it, damages compressed bodies or names another coding: look at one by hand.',
  },
  {
    pattern: /^encoding_not_supported$/,
    meaning: 'The body was coded in a way that this version of Node cannot undo.',
    advice: 'Run it with Node 22.15 or later, or leave zstd out of the accept-encoding that the suite sends.',
  },
  {
    pattern: /^too_many_redirects$/,
    meaning: 'The target led from one redirect to the next, and no answer came.',
    advice:
      'Redirects led in circles: look where they go, often a missing cookie or login; or raise http.redirects.',
  },
  {
    pattern: /^redirect_/,
    meaning: 'A redirect could not be followed.',
    advice:
      'Redirects could not be followed: see where they lead; if the redirect is the answer you expect, set redirects: 0.',
  },
  {
    pattern: /^sql_pool_timeout$/,
    meaning: 'No connection of the pool became free in time.',
    advice:
      'The pool of connections is exhausted: make it larger, hold connections for a shorter time, or look for transactions that are left open.',
  },
  {
    pattern: /^53300$/,
    meaning: 'The database server had no room for another connection.',
    advice:
      'The database server is out of connections: raise its max_connections, or make the pools smaller than it together.',
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
    advice:
      'The target wants a certificate that it trusts: set cert and key in the tls of http, sql or redis.',
  },
  {
    pattern: /^tls_certificate_/,
    meaning: "The target's certificate cannot be trusted.",
    advice:
      "The target's certificate does not hold: mend it, set ca or servername in the tls of http, sql or redis, or accept it with insecureSkipVerify.",
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
