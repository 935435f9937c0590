#include "ui/report_page.hpp"

namespace mtask::ui {

// Colours of states: Okabe and Ito's set, which the colour-blind can tell apart; shapes and words say the same.
const std::string_view kReportStyle = R"css(
:root { color-scheme: light dark; --page: #f4f5f7; --card: #fff; --ink: #1c2127; --soft: #5b6570; --line: #d9dde2;
  --done: #0072b2; --many: #7fb8d8; --skipped: #8a939c; --retried: #b87800; --failed: #c2410c; --accent: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1d2126; --ink: #e6e9ec; --soft: #a0a9b3;
  --line: #343a42; --done: #56b4e9; --many: #2f6485; --skipped: #8a939c; --retried: #e69f00; --failed: #ff7a45;
  --accent: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 28px 24px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 26px; letter-spacing: -.01em; }
h2 { margin: 0 0 12px; font-size: 17px; }
p { margin: 4px 0; }
.soft { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin-top: 18px; }
dl.totals { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 14px 22px; margin: 0; }
dl.totals dt { color: var(--soft); font-size: 13px; }
dl.totals dd { margin: 0; font-size: 20px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
dl.totals dd.text { font-size: 15px; }
dl.totals dd.zero { color: var(--soft); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 18px; margin-bottom: 10px; }
.bar .buttons { margin-left: auto; display: flex; gap: 6px; }
button { font: inherit; font-size: 14px; min-width: 34px; padding: 3px 10px; border: 1px solid var(--line);
  border-radius: 6px; background: var(--page); color: var(--ink); cursor: pointer; }
button:hover { border-color: var(--accent); }
.key { display: inline-flex; align-items: center; gap: 6px; font-size: 13px; color: var(--soft); }
.key canvas { width: 26px; height: 16px; }
.chart { display: block; width: 100%; border-radius: 4px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
figure { margin: 0 0 14px; }
figcaption { font-size: 13px; color: var(--soft); margin-bottom: 4px; }
#tip { position: fixed; z-index: 2; max-width: min(560px, 90vw); padding: 7px 10px; border-radius: 6px; pointer-events: none;
  background: var(--ink); color: var(--card); font-size: 13px; white-space: pre-line; overflow-wrap: anywhere; }
#tip[hidden] { display: none; }
#said { min-height: 1.5em; font-size: 13px; white-space: pre-line; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
td.n, th.n { width: 1%; padding-right: 22px; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px; overflow-wrap: anywhere; min-width: 16em; }
.keys { font-size: 13px; }
kbd { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; border: 1px solid var(--line); border-radius: 4px; padding: 0 4px; }
@media print { body { background: none; } .buttons, .keys { display: none; } }
)css";

}  // namespace mtask::ui
