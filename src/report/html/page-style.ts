// The style sheet of report.html: system fonts, the verdict's colour as the only accent, light and dark.

import type { VerdictStatus } from '../../model/verdict.ts';

const light =
  '--bg:#fbfbfa;--card:#fff;--ink:#1c1e21;--dim:#5d646c;--line:#e3e4e1;--soft:#f2f3f0;--good:#18774a;--caution:#8f5b00;--bad:#b3261e;--unsure:#5b4b9a;--c1:#0f8a8a;--c2:#2a62c9;--c3:#9a3fb5;--c4:#b0680f;--faint:#a4a9ae;--grid:#e8e9e6';
const dark =
  '--bg:#14161a;--card:#1b1e23;--ink:#e8eaed;--dim:#a0a7b0;--line:#30353c;--soft:#23272d;--good:#5cc28c;--caution:#e0ac4a;--bad:#f28b82;--unsure:#b3a4ee;--c1:#43c0bd;--c2:#7fa8f5;--c3:#d58be8;--c4:#e5a455;--faint:#6c737c;--grid:#2a2f36';

const accents: Readonly<Record<VerdictStatus, string>> = {
  pass: 'var(--good)',
  warn: 'var(--caution)',
  fail: 'var(--bad)',
  inconclusive: 'var(--unsure)',
};

/** `[data-theme]` on the root wins over what the system prefers; paper is always light. */
export function pageStyle(status: VerdictStatus): string {
  return `:root{color-scheme:light;${light};--accent:${accents[status]}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${dark}}}
@media screen{:root[data-theme=dark]{color-scheme:dark;${dark}}}
${rules}`;
}

const rules = `*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:inherit}
code{font:0.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.page{max-width:1120px;margin:0 auto;padding:0 24px 64px}
.top{display:flex;align-items:center;gap:12px;padding:18px 0;color:var(--dim);font-size:13px}
.top b{color:var(--ink);font-weight:650;letter-spacing:.01em}
.top button{margin-left:auto;font:inherit;color:inherit;background:none;border:1px solid var(--line);border-radius:6px;padding:4px 10px;cursor:pointer}
.top button:hover{color:var(--ink);border-color:var(--dim)}
button:focus-visible,.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.verdict{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--accent);border-radius:8px;padding:22px 26px}
.status{margin:0 0 4px;color:var(--accent);font-size:14px;letter-spacing:.05em}
.mark{display:inline-block;width:1.1em;font-weight:700}
h1{margin:0;font-size:28px;line-height:1.2;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
.purpose{margin:6px 0 0;color:var(--dim);overflow-wrap:anywhere}
.reasons{margin:14px 0 0;padding:0 0 0 18px;font-size:16px;overflow-wrap:anywhere}
.reasons li::marker{color:var(--accent)}
.facts{display:flex;flex-wrap:wrap;gap:4px 20px;margin:16px 0 0;color:var(--dim);font-size:13px}
h2{margin:44px 0 12px;font-size:18px;font-weight:650;letter-spacing:-.005em}
h3{margin:0 0 4px;font-size:15px;font-weight:650;overflow-wrap:anywhere}
.dim{color:var(--dim)}
.key{margin:0 0 10px;font-size:13.5px}
.bad{color:var(--bad);font-weight:600}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin:24px 0 8px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden}
@media (min-width:1000px){.tiles{grid-template-columns:repeat(4,1fr)}}
.tile{background:var(--card);padding:14px 18px}
.tile dt{color:var(--dim);font-size:13px}
.tile dd{margin:0}
.tile .value{font-size:24px;line-height:1.3;font-weight:600;letter-spacing:-.015em;font-variant-numeric:tabular-nums}
.tile .note{color:var(--dim);font-size:13px}
.tile.attention .note{color:var(--bad)}
.chart{margin:0 0 14px;padding:14px 16px 8px;background:var(--card);border:1px solid var(--line);border-radius:8px;min-width:0}
figcaption{font-size:13px;font-weight:600;margin-bottom:6px}
.chart .plot{min-height:278px}
.chart.small .plot{min-height:168px}
.smalls{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));gap:14px}
.smalls .chart{margin:0}
.monitor{margin:22px 0 26px}
.monitor h3{margin:0 0 8px}
.monitor .source{font-size:13px;font-weight:400;margin-left:4px}
.remarks{list-style:none;margin:10px 0 6px;padding:0;font-size:13.5px;overflow-wrap:anywhere}
.remarks li{margin:0 0 2px}.remarks b{font-weight:600;font-variant-numeric:tabular-nums;margin-right:6px}
.monitor details.data{margin:6px 0 0}
.monitor>.smalls+details.data{margin-top:10px}
.smalls .u-inline tr{margin-right:6px}
.smalls .u-legend .u-value{min-width:0}
.u-legend .u-series:first-child .u-marker{display:none}
.u-legend .edge,.u-cursor-pt.edge{display:none}
.mark-alert{position:absolute;height:5px;border-radius:2px;background:var(--caution);cursor:help;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.mark-alert.critical{background:var(--bad)}
.mark-event{all:unset;position:absolute;bottom:-6px;width:12px;height:12px;margin-left:-6px;cursor:help}
.mark-event::before{content:"";position:absolute;inset:2px;background:var(--ink);transform:rotate(45deg);border-radius:1px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.mark-event:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.tip{position:fixed;z-index:200;max-width:min(360px,calc(100vw - 16px));padding:6px 10px;background:var(--ink);color:var(--bg);border-radius:6px;font-size:12.5px;line-height:1.4;white-space:pre-line;overflow-wrap:anywhere;pointer-events:none}
.tip[hidden]{display:none}
.responses{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr));gap:12px;margin:14px 0 0}
.responses .finding{margin:0}
.steps{margin:4px 0 0;padding-left:20px}.steps li{margin:0 0 3px}
#alerts~details.data{margin-top:10px}
.uplot,.uplot *{font-family:inherit}
.u-legend{font-size:12px;text-align:left;color:var(--dim)}
.u-legend .u-value{color:var(--ink);font-variant-numeric:tabular-nums;min-width:4.2em;text-align:left}
.u-legend th,.u-legend td{border:0;padding:2px 4px;background:none;position:static}
.u-legend .u-series{max-width:100%}.u-legend .u-label{overflow-wrap:anywhere}
.u-over{z-index:1}
.u-select{background:color-mix(in srgb,var(--ink) 8%,transparent)}
.u-hz .u-cursor-x,.u-hz .u-cursor-y{border-color:var(--faint)}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{padding:8px 12px;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
.scroll tbody tr:hover{background:var(--soft)}
thead th{color:var(--dim);font-weight:600;font-size:12.5px;white-space:nowrap;background:var(--soft)}
thead button{all:unset;cursor:pointer;font:inherit}
thead button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
th[aria-sort] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td:not(.n){overflow-wrap:anywhere;min-width:130px}
tbody th{font-weight:500}
.state{white-space:nowrap;font-weight:600}
p.state{white-space:normal}
.state.pass{color:var(--good)}.state.warn{color:var(--caution)}.state.fail{color:var(--bad)}.state.info{color:var(--dim)}
.empty{margin:0;padding:14px 18px;border:1px dashed var(--line);border-radius:8px;color:var(--dim)}
.finding,.scenario{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 18px;margin:0 0 12px;overflow-wrap:anywhere}
.finding{border-left:4px solid var(--faint)}.finding.warning{border-left-color:var(--caution)}.finding.critical{border-left-color:var(--bad)}
.finding p,.scenario p{margin:0 0 6px}
.tag{font-size:12px;font-weight:500;color:var(--dim);border:1px solid var(--line);border-radius:4px;padding:1px 6px;margin-left:4px;white-space:nowrap}
.evidence{list-style:none;display:flex;flex-wrap:wrap;gap:4px 22px;margin:8px 0;padding:0;font-size:13.5px}
.advice{color:var(--ink)}.advice b{color:var(--dim);font-weight:600;margin-right:6px}
.facts-list{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(240px,100%),1fr));gap:10px 24px;margin:14px 0}
.facts-list dt{color:var(--dim);font-size:13px}.facts-list dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.users{list-style:none;margin:8px 0 0;padding:0}
.mix{list-style:none;display:flex;flex-wrap:wrap;gap:2px 20px;margin:4px 0 8px;padding:0;font-size:13.5px}
.mix b{font-weight:600;font-variant-numeric:tabular-nums}
details.data{margin:0 0 14px;font-size:13.5px}
summary{cursor:pointer;color:var(--dim);padding:4px 0}
details.data .scroll{max-height:380px;overflow-y:auto;margin-top:6px}
footer{margin-top:52px;padding-top:14px;border-top:1px solid var(--line);color:var(--dim);font-size:13px}
@media (max-width:560px){.page{padding:0 14px 40px}.verdict{padding:18px 18px}h1{font-size:23px}h2{margin-top:34px}.tiles{grid-template-columns:1fr 1fr}.tile{padding:12px 14px}.tile .value{font-size:20px}.chart{padding:12px 8px 6px}.chart figcaption{padding:0 6px}th,td{padding:7px 9px}}
@media print{body{background:#fff;font-size:12px}.page{max-width:none;padding:0}.top button,details.data{display:none}.chart,.finding,.scenario,.tile,tr{break-inside:avoid}.scroll{overflow:visible}h2{break-after:avoid}}`;
