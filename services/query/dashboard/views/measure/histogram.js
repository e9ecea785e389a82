/** @import { Statistic } from '../../fields/measure.js' */
/** @import { Actions } from '../../main.js' */
/** @import { Axis, Bar, Bounds } from '../../state/histogram.js' */
/** @import { State } from '../../state/state.js' */

import { html, svg } from 'lit-html';
import { boundsOf } from '../../fields/range.js';
import { countOfNoun, number } from '../../format.js';
import {
  afterKey,
  axisOf,
  barsOf,
  between,
  countBeyond,
  describe,
  rangeText,
  rowsText,
  stepsWithin,
  ticksOf,
  valuesAt,
} from '../../state/histogram.js';
import { entriesOf } from '../../state/state.js';

/** Height of the chart in its units; a unit of its width is one step of the axis. */
const HEIGHT = 100;

/**
 * The histogram of a number. Dragging over it, or moving its two handles, filters by the number.
 *
 * @param {State} state
 * @param {Actions} actions
 * @param {Statistic} statistic
 * @param {string} having what some rows have: `with an image`; empty for no distinction
 * @returns {{ pointed: string, chart: unknown }} what the pointer is at, and the chart
 */
export function histogram(state, actions, statistic, having) {
  const { dataset, dragged } = state;
  const { name, format, unit } = statistic;
  const companion = dataset.companions[0]?.name;
  const entries = entriesOf(state, statistic);
  const axis = axisOf(statistic, entries, state.all);
  const bounds = dragged ? between(axis, dragged.from, dragged.to) : boundsOf(state.view.values, name);
  const { first, last } = stepsWithin(axis, bounds);
  const bars = barsOf(axis, name, entries, bounds, companion);
  const { drag, bound } = actions;
  const tallest = Math.max(1, ...bars.map((bar) => bar.with + bar.without));
  const words = statistic.label.toLowerCase();
  const end = axis.count - 1;
  const [least, most] = [valuesAt(axis, 0).min, valuesAt(axis, end).max];
  const low = { label: `Minimum ${words}`, at: first, other: last, least: 0, most: last };
  const high = { label: `Maximum ${words}`, at: last, other: first, least: first, most: end };
  return { pointed: pointed(state, statistic, axis, bars, having), chart: chart() };

  function chart() {
    return html`
      <ul class="unseen">${describe(axis, bars, statistic, dataset, having).map((text) => html`<li>${text}</li>`)}</ul>
      <div class="chart">
        <span class="tallest" aria-hidden="true">${number(tallest)}</span>
        <div class="plot" @pointerdown=${press} @pointercancel=${drag.cancel} @pointerleave=${drag.leave}
          @pointermove=${(/** @type {PointerEvent} */ event) => drag.move(stepAt(event, axis))}
          @pointerup=${(/** @type {PointerEvent} */ event) => drag.release(statistic, axis, stepAt(event, axis))}>
          <svg viewBox="0 0 ${axis.count} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
            ${chosen(bounds, first, last)} ${bars.map((bar) => stack(bar, axis, tallest))}
          </svg>
          ${handle(low, Math.max(bounds.min ?? least, least), first, bounds.min === undefined, (at) => between(axis, at, last))}
          ${handle(high, Math.min(bounds.max ?? most, most), last + 1, bounds.max === undefined, (at) => between(axis, first, at))}
        </div>
        <ol class="axis" aria-hidden="true">${ticksOf(axis).map(
          ({ label, place }) =>
            html`<li .style=${`--place: ${100 * place}%; --characters: ${label.length}`}>${label}</li>`,
        )}</ol>
      </div>
    `;
  }

  /** @param {PointerEvent} event */
  function press(event) {
    const { currentTarget, target } = event;
    if (event.button !== 0 || !(currentTarget instanceof HTMLElement)) return;
    currentTarget.setPointerCapture(event.pointerId);
    const at = stepAt(event, axis);
    const other = target instanceof HTMLElement ? target.dataset.other : undefined;
    drag.press(at, other === undefined ? at : Number(other));
  }

  /** @type {(handle: Handle, value: number, place: number, isFree: boolean, boundsAt: (at: number) => Bounds) => unknown} */
  function handle({ label, at, other, least, most }, value, place, isFree, boundsAt) {
    return html`<span class="handle" role="slider" tabindex="0" aria-label=${label}
      aria-valuemin=${valuesAt(axis, least).min} aria-valuemax=${valuesAt(axis, most).max} aria-valuenow=${value}
      aria-valuetext=${format(value) + unit} data-other=${other} data-free=${isFree}
      .style=${`inset-inline-start: ${(100 * place) / axis.count}%`}
      @keydown=${(/** @type {KeyboardEvent} */ event) => {
        const moved = afterKey(event.key, at, { least, most });
        if (moved === undefined) return;
        event.preventDefault();
        bound(statistic, boundsAt(moved), true);
      }}></span>`;
  }
}

/**
 * A handle of the range: its step, the step of the other handle, and its limits.
 *
 * @typedef {{ label: string, at: number, other: number, least: number, most: number }} Handle
 */

/** The step at a pointer position. @type {(event: PointerEvent, axis: Axis) => number} */
function stepAt({ currentTarget, clientX }, { count }) {
  if (!(currentTarget instanceof HTMLElement)) return 0;
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.max(0, Math.min(count - 1, Math.floor(((clientX - left) / width) * count)));
}

/** @type {(bar: Bar, axis: Axis, tallest: number) => unknown} */
function stack({ at, with: withFile, without, isOut }, axis, tallest) {
  const [low, high] = [(withFile / tallest) * HEIGHT, (without / tallest) * HEIGHT];
  return svg`<g class=${isOut ? 'out' : ''} data-from=${valuesAt(axis, at).min}>
    <rect class="with" x=${at + 0.1} width="0.8" y=${HEIGHT - low} height=${low}></rect>
    <rect class="without" x=${at + 0.1} width="0.8" y=${HEIGHT - low - high} height=${high}></rect>
  </g>`;
}

/** @type {(bounds: Bounds, first: number, last: number) => unknown} */
function chosen({ min, max }, first, last) {
  if (min === undefined && max === undefined) return '';
  return svg`<rect class="chosen" x=${first} width=${last + 1 - first} y="0" height=${HEIGHT}></rect>`;
}

/** @type {(state: State, statistic: Statistic, axis: Axis, bars: Bar[], having: string) => string} */
function pointed(state, statistic, axis, bars, having) {
  const { pointed: at, dragged, dataset } = state;
  if (dragged) {
    const [first, last] = [Math.min(dragged.from, dragged.to), Math.max(dragged.from, dragged.to)];
    return rangeText(statistic, { min: valuesAt(axis, first).min, max: valuesAt(axis, last).max });
  }
  if (at !== undefined && at < axis.count) {
    const bar = bars.find((each) => each.at === at) ?? { with: 0, without: 0 };
    return `${rangeText(statistic, valuesAt(axis, at))}: ${rowsText(bar, dataset, having)}`;
  }
  const beyond = countBeyond(axis, statistic.name, entriesOf(state, statistic));
  if (beyond === 0 || !statistic.range) return 'Drag over the bars to filter';
  const { from, maximum } = statistic.range;
  return `${countOfNoun(beyond, dataset.one, dataset.many)} beyond ${rangeText(statistic, { min: from, max: maximum })}`;
}
