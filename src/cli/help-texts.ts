// Texts that the help of several commands shows.

export const exitCodeHelp = `
Exit codes:
  0  verdict pass or warn          4  refused for safety (see --force)
  1  verdict fail                  5  verdict inconclusive
  2  bad usage or invalid suite    70 internal error, or run.json not written
  3  target unreachable, or setup failed
  130 interrupted (artifacts are still written, marked "interrupted")`;

export const sendHelp =
  'where figures and alerts go while it runs: prometheus=PORT, prometheus-remote-write=URL, otlp=URL, influx=URL, json=FILE, webhook=URL or slack=URL; repeatable';
