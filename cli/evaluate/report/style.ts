/** So many rows of a picture show their place in it. */
export const MOST_BOXES = 40;

/** No script: a row that is pointed at, or has the focus, shows the box of its number. */
const POINTING = Array.from(
  { length: MOST_BOXES },
  (_, i) => `.picture:has(tr.b${i}:hover) .box.b${i},.picture:has(tr.b${i}:focus) .box.b${i}`,
).join(',');

/** The look of the report: one column, tables that scroll in themselves on a phone, the colors of the system's mode. */
export const STYLE = `
:root{--text:#1b1f24;--dim:#5a6370;--page:#fff;--card:#f5f6f8;--line:#d9dde3;--front:#1f6feb;--beaten:#8a94a3;--today:#a05a00;--recommended:#0a7a3d;--wrong:#b3261e}
@media(prefers-color-scheme:dark){:root{--text:#e6e8eb;--dim:#9aa4b2;--page:#12151a;--card:#1b2028;--line:#323a46;--front:#6ea8fe;--beaten:#7d8896;--today:#e0a458;--recommended:#57c785;--wrong:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:980px;margin:0 auto;padding:24px 16px 64px}
h1{margin:0 0 4px;font-size:26px}h1 small{color:var(--dim);font-size:15px;font-weight:400}
h2{margin:32px 0 8px;font-size:19px}h3{margin:12px 0 4px;font-size:15px}
p{margin:4px 0 8px}.legend,header p{color:var(--dim)}
svg{width:100%;height:auto;background:var(--card);border-radius:8px}
svg text{fill:var(--dim);font:12px system-ui,sans-serif}
svg .grid{stroke:var(--line)}svg .target{stroke:var(--recommended);stroke-dasharray:5 4}
svg polyline{fill:none;stroke:var(--front)}
svg g.front circle{fill:var(--front)}svg g.beaten circle{fill:var(--beaten)}
svg g line{stroke:var(--beaten);stroke-width:1.5}
svg g.today path{fill:var(--today)}svg g.recommended path{fill:var(--recommended)}
.dot{display:inline-block;width:10px;height:10px;border-radius:5px;margin:0 2px 0 10px}
.dot.front{background:var(--front)}.dot.beaten{background:var(--beaten)}.dot.today{background:var(--today)}.dot.recommended{background:var(--recommended)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:12px}
article{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 14px}
article.reached{border-color:var(--recommended)}article.missed,article.none{border-color:var(--wrong)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
thead th{color:var(--dim);font-size:13px;white-space:nowrap}
tr.best th[scope=row]{font-weight:600}td{font-variant-numeric:tabular-nums}
section>.scroll td,details td{white-space:nowrap}
code{font:13px ui-monospace,monospace}
details{border:1px solid var(--line);border-radius:8px;padding:8px 14px;margin:8px 0}summary{cursor:pointer}
.picture{display:flex;gap:14px;margin:10px 0;align-items:flex-start}
.picture>div{flex:1;min-width:0}.picture .frame{flex:none;position:relative;overflow:hidden;width:min(200px,200px*var(--ratio));aspect-ratio:var(--ratio);border-radius:4px;background:var(--page)}
.picture .frame img{display:block;width:100%;height:100%}
.box{position:absolute;display:none;outline:2px solid #2f52e0;box-shadow:0 0 0 4px #fff,0 0 0 999px rgb(10 14 24/45%)}
${POINTING}{display:block}
tr[tabindex]{cursor:help}tr[tabindex]:hover,tr[tabindex]:focus{background:var(--page);outline:2px solid var(--front)}
.of-evidence{color:var(--dim)}
.picture h3,.picture td{overflow-wrap:anywhere}.picture td{min-width:5em}.picture th{min-width:6em}
.right{color:var(--recommended)}.wrong{color:var(--wrong)}
meter{width:90px}
@media(max-width:600px){.picture{flex-direction:column}.picture .frame{width:min(100%,260px*var(--ratio))}}
`;
