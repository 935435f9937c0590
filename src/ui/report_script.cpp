#include "ui/report_page.hpp"

namespace mtask::ui {

// Draws the charts from the data element. A lane is drawn as its share of busy time a pixel; spans of two pixels and
// more are drawn on top one by one, so zooming in takes the aggregate apart.
const std::string_view kReportScript = R"js(
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const outcomes = ['done', 'skipped', 'retried', 'failed', 'unfinished'];
const end = Math.max(data.seconds, 1e-6), left = 150, right = 12;
const view = {from: 0, to: end};
let lane = 0, picked = null, drag = null;
const $ = id => document.getElementById(id);
const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const clamp = (x, a, b) => Math.min(b, Math.max(a, x));

function seconds(t) {
  const a = Math.abs(t);
  if (a >= 60) return Math.floor(t / 60) + ' min ' + (t % 60).toFixed(a < 600 ? 1 : 0) + ' s';
  if (a >= 1) return t.toFixed(a < 10 ? 3 : 2) + ' s';
  if (a >= 1e-3) return (t * 1e3).toFixed(a < 1e-2 ? 2 : 1) + ' ms';
  return (t * 1e6).toFixed(0) + ' \u00b5s';
}
function scaled(n, units, base) {
  let i = 0;
  while (n >= base && i < units.length - 1) { n /= base; i++; }
  return (n === 0 || n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toPrecision(3).replace(/\.?0+$/, '')) + ' ' + units[i];
}
const size = n => scaled(n, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], 1024);
const plural = (n, word) => n.toLocaleString('en') + ' ' + word + (n === 1 ? '' : 's');

// Sums of a histogram up to a moment, linear inside a bucket.
function cumulate(h) {
  const sums = [0];
  for (const v of h.values) sums.push(sums[sums.length - 1] + v);
  const upTo = t => {
    const x = clamp(t / h.width, 0, h.values.length), i = Math.min(Math.floor(x), h.values.length);
    return sums[i] + (i < h.values.length ? (x - i) * h.values[i] : 0);
  };
  return (a, b) => upTo(b) - upTo(a);
}
for (const l of data.lanes) {
  l.busyIn = cumulate(l.busy); l.itemsIn = cumulate(l.items);
}
const bytesIn = cumulate(data.bytes), itemsIn = cumulate(data.items);

const rowHeight = data.lanes.length <= 8 ? 40 : data.lanes.length <= 32 ? 26 : 16;
function surface(canvas, height) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth || 900;
  canvas.style.height = height + 'px';
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  const c = canvas.getContext('2d');
  c.scale(ratio, ratio); c.font = '12px system-ui, "DejaVu Sans", sans-serif'; c.textBaseline = 'middle';
  return [c, width];
}
function stripes(c, x, y, w, h, both) {
  c.save(); c.beginPath(); c.rect(x, y, w, h); c.clip();
  c.strokeStyle = colour('card'); c.lineWidth = 1.5; c.beginPath();
  for (let d = -h; d < w; d += 6) {
    c.moveTo(x + d, y + h); c.lineTo(x + d + h, y);
    if (both) { c.moveTo(x + d, y); c.lineTo(x + d + h, y + h); }
  }
  c.stroke(); c.restore();
}
// One span: the state shows in colour, filling and height.
function block(c, outcome, x, y, w, h) {
  const name = outcomes[outcome];
  if (name === 'skipped' || name === 'unfinished') { c.fillStyle = colour('card'); c.fillRect(x, y, w, h - 1); }
  if (name === 'skipped') { c.fillStyle = colour('skipped'); c.fillRect(x, y + h * .6, w, h * .4); return; }
  if (name === 'unfinished') {
    c.strokeStyle = colour('done'); c.setLineDash([3, 3]); c.strokeRect(x + .5, y + .5, Math.max(1, w - 1), h - 1); c.setLineDash([]);
    return;
  }
  c.fillStyle = colour(name); c.fillRect(x, y, w, h);
  if (name === 'retried') stripes(c, x, y, w, h, false);
  if (name === 'failed') stripes(c, x, y, w, h, true);
}
function mark(c, outcome, x, y) {
  const retried = outcomes[outcome] === 'retried';
  c.strokeStyle = c.fillStyle = colour(retried ? 'retried' : 'failed'); c.lineWidth = 2; c.beginPath();
  if (retried) { c.moveTo(x, y - 4); c.lineTo(x + 4.5, y + 4); c.lineTo(x - 4.5, y + 4); c.fill(); }
  else { c.moveTo(x - 4, y - 4); c.lineTo(x + 4, y + 4); c.moveTo(x + 4, y - 4); c.lineTo(x - 4, y + 4); c.stroke(); }
}
function ticks(c, width, bottom) {
  const span = view.to - view.from, raw = span / Math.max(2, (width - left - right) / 110);
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  c.textAlign = 'center';
  for (let i = Math.ceil(view.from / step - 1e-9); i * step <= view.to * (1 + 1e-12); i++) {
    const x = left + (i * step - view.from) / span * (width - left - right);
    c.fillStyle = colour('line'); c.fillRect(Math.round(x), 0, 1, bottom);
    c.fillStyle = colour('soft');
    const text = (i * step).toFixed(digits) + ' s';
    c.fillText(text, Math.min(x, width - c.measureText(text).width / 2 - 1), bottom + 11);
  }
}
function drawLane(c, l, index, width) {
  const y = index * rowHeight + rowHeight * .28, h = rowHeight * .6, inside = width - left - right;
  const pixel = (view.to - view.from) / inside, at = t => left + (t - view.from) / pixel;
  c.textAlign = 'left'; c.fillStyle = colour(index === lane ? 'ink' : 'soft');
  c.fillText(l.name, 2, y + h / 2, left - 10);
  c.fillStyle = colour('line'); c.fillRect(left, y + h - 1, inside, 1);
  c.fillStyle = colour('many');
  for (let x = 0; x < inside; x++) {
    const share = clamp(l.busyIn(view.from + x * pixel, view.from + (x + 1) * pixel) / pixel, 0, 1);
    if (share > 0) c.fillRect(left + x, y + h * (1 - share), 1, h * share);
  }
  const troubles = [];
  c.save(); c.beginPath(); c.rect(left, 0, inside, 1e5); c.clip();
  for (const s of l.spans) {
    if (s[0] > view.to) break;
    if (s[0] + s[1] < view.from) continue;
    const w = s[1] / pixel, bad = s[2] === 2 || s[2] === 3;
    if (bad) troubles.push(s);
    if (w >= 2) block(c, s[2], at(s[0]), y, w >= 4 ? w - 1 : w, h);
  }
  let last = {};
  for (const s of troubles) {
    const x = at(clamp(s[0] + s[1] / 2, view.from, view.to));
    if (last[s[2]] !== undefined && x - last[s[2]] < 7) continue;
    last[s[2]] = x; mark(c, s[2], x, y - 6);
  }
  if (picked && picked.lane === index) {
    c.strokeStyle = colour('ink'); c.lineWidth = 2;
    c.strokeRect(at(picked.span[0]) - 1, y - 2, Math.max(3, picked.span[1] / pixel) + 2, h + 4);
  }
  c.restore();
}
function drawTimeline() {
  const bottom = data.lanes.length * rowHeight + 4;
  const [c, width] = surface($('timeline'), bottom + 22);
  ticks(c, width, bottom);
  data.lanes.forEach((l, i) => drawLane(c, l, i, width));
  if (drag && Math.abs(drag.to - drag.from) > 3) {
    c.globalAlpha = .2; c.fillStyle = colour('accent'); c.fillRect(Math.min(drag.from, drag.to), 0, Math.abs(drag.to - drag.from), bottom);
  }
}
function drawRate(canvas, sumIn, histogram, format) {
  const height = 110, [c, width] = surface(canvas, height + 22), inside = width - left - right;
  const span = view.to - view.from, bars = Math.max(1, Math.min(Math.floor(inside / 4), Math.round(span / histogram.width)));
  const rates = [];
  for (let i = 0; i < bars; i++) {
    const a = view.from + span * i / bars, b = view.from + span * (i + 1) / bars;
    rates.push(sumIn(a, b) / (b - a));
  }
  const top = Math.max(...rates, 1e-9);
  ticks(c, width, height);
  c.textAlign = 'right'; c.fillStyle = colour('soft');
  c.fillText(format(top), left - 10, 10, left - 14); c.fillText('0', left - 10, height - 5);
  c.beginPath(); c.moveTo(left, height);
  rates.forEach((r, i) => { const y = height - r / top * (height - 10);
    c.lineTo(left + inside * i / bars, y); c.lineTo(left + inside * (i + 1) / bars, y); });
  c.lineTo(left + inside, height); c.closePath();
  c.globalAlpha = .35; c.fillStyle = colour('done'); c.fill(); c.globalAlpha = 1; c.strokeStyle = colour('done'); c.stroke();
}
const perSecond = n => scaled(n, ['', 'k', 'M'], 1000).trim() + '/s';
function draw() {
  if (!data.lanes.length) return;
  drawTimeline();
  if ($('bytes')) drawRate($('bytes'), bytesIn, data.bytes, n => size(n) + '/s');
  drawRate($('items'), itemsIn, data.items, perSecond);
}
let planned = false;
function redraw() {
  if (!planned) { planned = true; requestAnimationFrame(() => { planned = false; draw(); }); }
}
function show(from, to) {
  const span = clamp(to - from, end * 1e-6, end);
  view.from = clamp(from, 0, end - span); view.to = view.from + span; redraw();
}
function zoom(factor, centre) {
  const span = (view.to - view.from) * factor, share = (centre - view.from) / (view.to - view.from);
  show(centre - span * share, centre - span * share + span);
}
const middle = () => picked ? clamp(picked.span[0] + picked.span[1] / 2, view.from, view.to) : (view.from + view.to) / 2;
const pan = share => show(view.from + (view.to - view.from) * share, view.to + (view.to - view.from) * share);
function describe(s, l) {
  return s[5] + '\n' + (data.actions[s[4]] ? data.actions[s[4]] + ', ' : '') + outcomes[s[2]] + ' on ' + l.name + '\nat ' + seconds(s[0]) +
    ', took ' + seconds(s[1]) + (s[3] ? ', ' + size(s[3]) : '');
}
function found(event) {
  const box = $('timeline').getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const pixel = (view.to - view.from) / (box.width - left - right), t = view.from + (x - left) * pixel;
  return {x, t, pixel, lane: Math.floor(y / rowHeight)};
}
function tell(at) {
  const l = data.lanes[at.lane];
  if (!l || at.x < left) return '';
  let best = null;
  for (const s of l.spans) {
    if (s[0] > at.t + 4 * at.pixel) break;
    const bad = s[2] === 2 || s[2] === 3, reach = bad ? 4 : 1;
    if (s[0] + s[1] < at.t - reach * at.pixel || s[0] > at.t + reach * at.pixel || (s[1] < 2 * at.pixel && !bad)) continue;
    if (!best || bad || s[1] < best[1]) best = s;
  }
  if (best) return describe(best, l);
  const a = Math.max(0, at.t - 2 * at.pixel), b = Math.min(end, at.t + 2 * at.pixel), n = Math.round(l.itemsIn(a, b));
  const share = Math.round(100 * clamp(l.busyIn(a, b) / (b - a), 0, 1));
  return l.name + '\n' + (n || share ? 'about ' + plural(n, 'item') + ' within ' + seconds(b - a) + ', ' + share + '% busy' : 'waiting') +
    '\nat ' + seconds(at.t);
}
function pick(step) {
  const spans = data.lanes[lane].spans;
  if (!spans.length) { $('said').textContent = data.lanes[lane].name + ': no single items'; return; }
  let i = picked && picked.lane === lane ? picked.index + step : spans.findIndex(s => s[0] >= view.from);
  i = clamp(i < 0 && !picked ? spans.length - 1 : i, 0, spans.length - 1);
  picked = {lane, index: i, span: spans[i]};
  const s = spans[i], half = (view.to - view.from) / 2;
  if (s[0] < view.from || s[0] + s[1] > view.to) show(s[0] + s[1] / 2 - half, s[0] + s[1] / 2 + half);
  $('said').textContent = describe(s, data.lanes[lane]).replace(/\n/g, ' \u00b7 ');
  redraw();
}
function pickLane(step) {
  lane = clamp(lane + step, 0, data.lanes.length - 1); picked = null;
  const l = data.lanes[lane];
  $('said').textContent = l.name + ': ' + plural(Math.round(l.itemsIn(0, end * 2)), 'item') + ', busy ' + seconds(l.busyIn(0, end * 2)) + ' of ' + seconds(end);
  redraw();
}
const keys = {ArrowLeft: () => pan(-.2), ArrowRight: () => pan(.2), '+': () => zoom(.5, middle()), '=': () => zoom(.5, middle()),
  '-': () => zoom(2, middle()), '0': () => show(0, end), ArrowUp: () => pickLane(-1), ArrowDown: () => pickLane(1),
  n: () => pick(1), p: () => pick(-1), Escape: () => { picked = null; $('said').textContent = ''; redraw(); }};
function legend() {
  for (const canvas of document.querySelectorAll('.key canvas')) {
    const [c] = surface(canvas, 16), name = canvas.dataset.state;
    if (name === 'many') { c.fillStyle = colour('many'); [9, 14, 6, 12, 16].forEach((h, i) => c.fillRect(i * 5, 16 - h, 5, h)); }
    else if (name === 'waiting') { c.fillStyle = colour('soft'); c.fillRect(0, 13, 26, 1); }
    else {
      block(c, outcomes.indexOf(name), 0, 1, 15, 15);
      if (name === 'retried' || name === 'failed') mark(c, outcomes.indexOf(name), 21, 7);
    }
  }
}
function listen() {
  const canvas = $('timeline'), tip = $('tip');
  canvas.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || !keys[e.key]) return;
    keys[e.key](); e.preventDefault();
  });
  for (const b of document.querySelectorAll('button[data-key]')) b.addEventListener('click', () => keys[b.dataset.key]());
  canvas.addEventListener('pointerdown', e => { drag = {from: found(e).x, to: found(e).x}; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener('pointermove', e => {
    const at = found(e), text = tell(at);
    if (drag) { drag.to = at.x; redraw(); }
    tip.hidden = !text; tip.textContent = text;
    tip.style.left = clamp(e.clientX + 14, 0, innerWidth - tip.offsetWidth - 8) + 'px';
    tip.style.top = (e.clientY + 18 + tip.offsetHeight > innerHeight ? e.clientY - tip.offsetHeight - 10 : e.clientY + 18) + 'px';
  });
  canvas.addEventListener('pointerleave', () => { tip.hidden = true; });
  canvas.addEventListener('pointerup', e => {
    const was = drag; drag = null;
    if (was && Math.abs(was.to - was.from) > 3) {
      const t = x => view.from + (x - left) / (canvas.clientWidth - left - right) * (view.to - view.from);
      show(t(Math.min(was.from, was.to)), t(Math.max(was.from, was.to)));
    } else { lane = clamp(found(e).lane, 0, data.lanes.length - 1); redraw(); }
  });
  canvas.addEventListener('pointercancel', () => { drag = null; redraw(); });
  canvas.addEventListener('dblclick', () => show(0, end));
  canvas.addEventListener('wheel', e => {
    if (!e.ctrlKey) return;
    e.preventDefault(); zoom(e.deltaY > 0 ? 1.25 : .8, clamp(found(e).t, view.from, view.to));
  }, {passive: false});
  addEventListener('resize', redraw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { legend(); redraw(); });
}
if (data.lanes.length) { legend(); listen(); draw(); }
)js";

}  // namespace mtask::ui
