/** The look of every report: one column, light or dark as the reader's system is, and made to be printed. */
export const styles = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --ink: #171a21; --muted: #5a6272; --line: #dfe3e9; --soft: #eef0f4;
  --challenger: #1f66d1; --champion: #c4670a; --baseline: #7c8595; --closing: #b4bbc7;
  --guard1: #8a3fc7; --guard2: #0d8a8a; --guard3: #b8860b; --guard4: #c2377a; --guard5: #3d6b1f;
  --good: #17784a; --bad: #c03028; --warning: #966100; --neutral: #5a6272;
  --good-soft: #e3f4ea; --bad-soft: #fcebe9; --warning-soft: #fdf3da; --neutral-soft: #eceef2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1116; --card: #171b22; --ink: #e9ecf1; --muted: #9ca5b4; --line: #2c333e; --soft: #212730;
    --challenger: #6ea6ff; --champion: #f2a154; --baseline: #8b95a5; --closing: #4d5665;
    --guard1: #c08bf0; --guard2: #4fc7c7; --guard3: #e0b84a; --guard4: #f07fb4; --guard5: #94c973;
    --good: #53c98f; --bad: #ff8177; --warning: #e8b84f; --neutral: #9ca5b4;
    --good-soft: #15301f; --bad-soft: #381c1a; --warning-soft: #322710; --neutral-soft: #232933;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 56px; }
h1 { font-size: 15px; font-weight: 600; margin: 0; color: var(--muted); }
h2 { font-size: 18px; margin: 0 0 4px; letter-spacing: -.01em; }
h3 { font-size: 14px; margin: 0 0 2px; }
p { margin: 0; }
a { color: var(--challenger); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 22px; margin-top: 16px; }
.lead { color: var(--muted); margin-bottom: 14px; max-width: 78ch; }
.lead.below { margin: 12px 0 0; }
.banner { border-left: 6px solid var(--tone); background: var(--card); margin-top: 10px; }
.banner .word { font-size: 30px; line-height: 1.2; font-weight: 700; letter-spacing: -.02em; color: var(--tone); display: flex; gap: 12px; align-items: center; }
.banner .word svg { width: 30px; height: 30px; flex: none; }
.banner .why { font-size: 17px; margin-top: 8px; max-width: 74ch; overflow-wrap: anywhere; }
.banner .about { color: var(--muted); margin-top: 10px; font-size: 13.5px; }
.good { --tone: var(--good); --tone-soft: var(--good-soft); }
.bad { --tone: var(--bad); --tone-soft: var(--bad-soft); }
.warning { --tone: var(--warning); --tone-soft: var(--warning-soft); }
.neutral { --tone: var(--neutral); --tone-soft: var(--neutral-soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin-top: 16px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; }
.tile .label { font-size: 12.5px; color: var(--muted); }
.tile .value { font-size: 25px; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile .note { font-size: 12.5px; color: var(--muted); font-variant-numeric: tabular-nums; }
.badge { display: inline-flex; gap: 6px; align-items: center; white-space: nowrap; border-radius: 999px; padding: 2px 10px 2px 8px; font-size: 12.5px; font-weight: 600; color: var(--tone); background: var(--tone-soft); }
.badge svg { width: 13px; height: 13px; flex: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; font-size: 12.5px; color: var(--muted); border-bottom: 1px solid var(--line); padding: 6px 14px 6px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--soft); padding: 9px 14px 9px 0; vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.reason { color: var(--muted); font-size: 13px; min-width: 200px; overflow-wrap: anywhere; }
td.strong { font-weight: 600; }
td.name { white-space: nowrap; }
td.graph { padding-top: 6px; padding-bottom: 4px; }
td.graph svg { display: block; }
.gates { list-style: none; margin: 0; padding: 0; }
.gate { display: grid; grid-template-columns: 128px minmax(0, 1fr) 74px 150px 62px 52px 200px; gap: 2px 12px; align-items: center; border-top: 1px solid var(--soft); padding: 9px 0; break-inside: avoid; }
.gate:first-child { border-top: 0; }
.gate .name { font-weight: 600; overflow-wrap: anywhere; }
.gate .fact { display: flex; flex-direction: column; text-align: right; white-space: nowrap; font-size: 14px; font-variant-numeric: tabular-nums; }
.gate .fact .label { font-size: 11.5px; color: var(--muted); }
.gate .graph svg { display: block; }
.gate .reason { grid-column: 2 / -1; color: var(--muted); font-size: 13px; overflow-wrap: anywhere; }
.gate .badge { justify-self: start; }
@media (max-width: 900px) {
  .gate { grid-template-columns: repeat(4, auto); justify-content: start; gap: 4px 16px; }
  .gate .badge, .gate .name, .gate .graph, .gate .reason { grid-column: 1 / -1; } .gate .fact { text-align: left; }
}
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 22px 26px; }
.charts.top figure > svg { margin-top: 0; }
.charts.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); }
figure { margin: 0; min-width: 0; break-inside: avoid; display: flex; flex-direction: column; }
figure svg { display: block; width: 100%; height: auto; margin-top: auto; }
figcaption { font-size: 13px; color: var(--muted); margin-bottom: 6px; }
figcaption strong { color: var(--ink); display: block; font-size: 14px; }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; margin: 2px 0 10px; color: var(--muted); }
.key span { display: inline-flex; gap: 7px; align-items: center; }
.key i { width: 12px; height: 12px; border-radius: 3px; background: var(--swatch); flex: none; }
.callout { background: var(--warning-soft); border-color: transparent; }
.callout ul { margin: 6px 0 0; padding-left: 20px; }
.callout li { margin: 3px 0; overflow-wrap: anywhere; }
.case { border-top: 1px solid var(--line); padding: 14px 0 6px; break-inside: avoid; }
.case:first-of-type { border-top: 0; padding-top: 4px; }
.case .question { font-weight: 600; overflow-wrap: anywhere; }
.case .id { color: var(--muted); font-size: 12.5px; }
h3.apart { margin-top: 18px; }
.group { border-top: 1px solid var(--line); margin-top: 12px; padding-top: 10px; }
.group h4 { font-size: 13.5px; margin: 0; }
.group .about, .group .id { color: var(--muted); font-size: 12.5px; margin: 0; }
.group .case { border-top: 0; padding: 6px 0 0; }
.group .id { margin-top: 4px; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 250px), 1fr)); gap: 10px; margin-top: 8px; }
.answer { background: var(--soft); border-radius: 8px; padding: 9px 12px; font-size: 13.5px; border-top: 3px solid var(--swatch, var(--line)); overflow-wrap: anywhere; }
.answer .text { white-space: pre-wrap; }
.answer del { background: var(--bad-soft); text-decoration: line-through 1px var(--bad); border-radius: 3px; }
.answer ins { background: var(--good-soft); text-decoration: underline; text-decoration-color: var(--good); border-radius: 3px; }
.answer b { display: flex; justify-content: space-between; font-size: 12px; color: var(--muted); font-weight: 600; margin-bottom: 3px; }
.answer b span { font-variant-numeric: tabular-nums; color: var(--ink); }
.spans { display: grid; grid-template-columns: max-content 1fr max-content; gap: 5px 12px; align-items: center; font-size: 13.5px; }
.spans .track { background: var(--soft); border-radius: 5px; height: 16px; position: relative; }
.spans .bar { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: 5px; background: var(--swatch); }
.spans .time { color: var(--muted); font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.offline { --swatch: var(--baseline); } .waiting { --swatch: var(--guard3); } .users { --swatch: var(--challenger); } .closing { --swatch: var(--closing); }
.spans .tall { height: 22px; }
.spans .served { background: var(--good-soft); border: 1px solid var(--good); overflow: hidden; font-size: 12px; line-height: 20px; padding: 0 8px; white-space: nowrap; color: var(--good); font-weight: 600; }
.withBadge { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; }
.banner .plain { color: var(--ink); }
details { margin-top: 14px; font-size: 13.5px; }
summary { cursor: pointer; color: var(--muted); }
dl { display: grid; grid-template-columns: minmax(130px, max-content) 1fr; gap: 0 18px; margin: 0; font-size: 13.5px; }
dt { color: var(--muted); padding: 6px 0; border-bottom: 1px solid var(--soft); }
dd { margin: 0; padding: 6px 0; border-bottom: 1px solid var(--soft); overflow-wrap: anywhere; }
code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
footer { color: var(--muted); font-size: 12.5px; margin-top: 20px; }
@media (max-width: 560px) { dl { grid-template-columns: 1fr; } dt { border: 0; padding-bottom: 0; } main { padding: 16px 12px 40px; } section { padding: 16px 14px; } }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #171a21; --muted: #4c5361; --line: #d5d9e0; --soft: #eef0f4;
    --challenger: #1f66d1; --champion: #c4670a; --baseline: #7c8595; --closing: #b4bbc7; --good: #17784a; --bad: #c03028; --warning: #966100; --neutral: #5a6272;
    --guard1: #8a3fc7; --guard2: #0d8a8a; --guard3: #b8860b; --guard4: #c2377a; --guard5: #3d6b1f;
    --good-soft: #e3f4ea; --bad-soft: #fcebe9; --warning-soft: #fdf3da; --neutral-soft: #eceef2; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 12px; } main { padding: 0; max-width: none; } h2 { break-after: avoid; } tr, .tile { break-inside: avoid; }
  .scroll { overflow: visible; } table { font-size: 11px; } td, th { padding-right: 8px; } td.reason { min-width: 0; font-size: 11px; }
  td.graph svg { width: 150px; height: auto; } .charts { grid-template-columns: 1fr 1fr; } .charts.three { grid-template-columns: 1fr 1fr 1fr; }
  .tiles { grid-template-columns: repeat(5, 1fr); gap: 8px; } .tile { padding: 10px; } .tile .value { font-size: 17px; } section { padding: 14px 16px; }
}
`;
