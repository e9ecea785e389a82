/** @import { Actions } from '../main.js' */
/** @import { Ages, Bar } from '../state/ages.js' */
/** @import { State } from '../state/state.js' */

import { MAX_AGE } from '@landfall/query/http/dashboard-limits';
import { html, svg } from 'lit-html';
import { countOfNoun, number } from '../format.js';
import { afterKey, barsOf, between, countBeyond, describeDecades, spanOf } from '../state/ages.js';

/** Height of the chart in its units; a unit of its width is one year. */
const HEIGHT = 100;

/**
 * The histogram of ages. Dragging over it, or moving its two handles, filters by age.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function ages(state, actions) {
  const bounds = state.dragged ? between(state.dragged.from, state.dragged.to) : state.view;
  const span = spanOf(state.ages);
  const bars = barsOf(state.ages, bounds);
  const { minAge: lowest = 0, maxAge: highest = MAX_AGE } = bounds;
  const low = { label: 'Minimum age', age: lowest, other: highest, least: 0, most: highest, at: lowest };
  const high = {
    label: 'Maximum age',
    age: highest,
    other: lowest,
    least: lowest,
    most: MAX_AGE,
    at: highest + 1,
  };
  const { drag } = actions;
  const tallest = Math.max(1, ...bars.map((bar) => bar.with + bar.without));
  return html`
    <figure class="ages" aria-labelledby="ages">
      <figcaption>
        <h2 id="ages">Ages</h2>
        <p class="legend"><i class="with"></i>with an image <i class="without"></i>without</p>
        <p class="pointed">${pointed(state, bars)}</p>
      </figcaption>
      <ul class="unseen">${describeDecades(bars).map((words) => html`<li>${words}</li>`)}</ul>
      <div class="chart">
        <span class="tallest" aria-hidden="true">${number(tallest)}</span>
        <div class="plot" @pointerdown=${press} @pointercancel=${drag.cancel} @pointerleave=${drag.leave}
          @pointermove=${(/** @type {PointerEvent} */ event) => drag.move(ageAt(event, span))}
          @pointerup=${(/** @type {PointerEvent} */ event) => drag.release(ageAt(event, span), span - 1)}>
          <svg viewBox="0 0 ${span} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
            ${chosen(bounds, span)} ${bars.map((bar) => stack(bar, tallest))}
          </svg>
          ${handle(low, (minAge) => actions.stepAges({ minAge, maxAge: highest }))}
          ${handle(high, (maxAge) => actions.stepAges({ minAge: lowest, maxAge }))}
        </div>
        <ol class="axis" aria-hidden="true">${Array.from({ length: span / 10 }, (_, i) => html`<li>${i * 10}</li>`)}</ol>
      </div>
    </figure>
  `;

  /** @param {PointerEvent} event */
  function press(event) {
    const { currentTarget, target } = event;
    if (event.button !== 0 || !(currentTarget instanceof HTMLElement)) return;
    currentTarget.setPointerCapture(event.pointerId);
    const age = ageAt(event, span);
    const handle = target instanceof HTMLElement ? target.dataset.other : undefined;
    drag.press(age, handle === undefined ? age : Number(handle));
  }

  /** @type {(handle: Handle, choose: (age: number) => void) => unknown} */
  function handle({ label, age, other, least, most, at }, choose) {
    return html`<span class="handle" role="slider" tabindex="0" aria-label=${label} aria-valuemin=${least}
      aria-valuemax=${most} aria-valuenow=${age} aria-valuetext=${`${age} years`} data-other=${other} data-free=${age === 0 || age === MAX_AGE}
      .style=${`inset-inline-start: ${(100 * Math.min(at, span)) / span}%`}
      @keydown=${(/** @type {KeyboardEvent} */ event) => {
        const moved = afterKey(event.key, age, { least, most });
        if (moved === undefined) return;
        event.preventDefault();
        choose(moved);
      }}></span>`;
  }
}

/**
 * A handle of the age range: its age, the age of the other handle, its limits, and its position.
 *
 * @typedef {{ label: string, age: number, other: number, least: number, most: number, at: number }} Handle
 */

/** The age at a pointer position. @type {(event: PointerEvent, span: number) => number} */
function ageAt({ currentTarget, clientX }, span) {
  if (!(currentTarget instanceof HTMLElement)) return 0;
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.max(0, Math.min(span - 1, Math.floor(((clientX - left) / width) * span)));
}

/** @type {(bar: Bar, tallest: number) => unknown} */
function stack({ age, with: withImage, without, isOut }, tallest) {
  const [low, high] = [(withImage / tallest) * HEIGHT, (without / tallest) * HEIGHT];
  return svg`<g class=${isOut ? 'out' : ''} data-age=${age}>
    <rect class="with" x=${age + 0.1} width="0.8" y=${HEIGHT - low} height=${low}></rect>
    <rect class="without" x=${age + 0.1} width="0.8" y=${HEIGHT - low - high} height=${high}></rect>
  </g>`;
}

/** @type {(bounds: Ages, span: number) => unknown} */
function chosen({ minAge, maxAge }, span) {
  if (minAge === undefined && maxAge === undefined) return '';
  const [start, end] = [Math.min(minAge ?? 0, span), Math.min((maxAge ?? MAX_AGE) + 1, span)];
  return svg`<rect class="chosen" x=${start} width=${end - start} y="0" height=${HEIGHT}></rect>`;
}

/** @type {(state: State, bars: Bar[]) => string} */
function pointed({ pointedAge, dragged, ages: counts }, bars) {
  if (dragged) return `${Math.min(dragged.from, dragged.to)} to ${Math.max(dragged.from, dragged.to)} years`;
  if (pointedAge !== undefined) {
    const bar = bars.find(({ age }) => age === pointedAge) ?? { with: 0, without: 0 };
    return `${pointedAge} years: ${countOfNoun(bar.with + bar.without, 'user')}, ${number(bar.with)} with an image`;
  }
  const beyond = countBeyond(counts);
  return beyond === 0
    ? 'Drag over the ages to filter'
    : `${countOfNoun(beyond, 'user')} beyond 0 to ${MAX_AGE} years`;
}
