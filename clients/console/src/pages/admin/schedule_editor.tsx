/* SPDX-License-Identifier: Apache-2.0 */
/* The week as a grid of half hours: painted with the pointer or the keyboard; and the dates that differ.
 *
 * Arrows move, with Shift they stretch the choice, Space opens or closes what is chosen. Hours that were set to the minute
 * elsewhere are shown and kept as they are.
 */
import { useId, useRef, useState } from 'preact/hooks';
import { DAY_MINUTES, isOpenAt, ofDay, painted, timeOf, timeText, type DateRule, type Span } from '../../schedule';
import { text } from '../../text';
import { formatDate } from '../../text/format';
import { Icon } from '../../view/icon';

const SLOT = 30;
const SLOTS = DAY_MINUTES / SLOT;

interface Cell {
  readonly day: number;
  readonly slot: number;
}

function inBox(cell: Cell, from: Cell, to: Cell): boolean {
  return cell.day >= Math.min(from.day, to.day) && cell.day <= Math.max(from.day, to.day)
    && cell.slot >= Math.min(from.slot, to.slot) && cell.slot <= Math.max(from.slot, to.slot);
}

export function WeekGrid({ spans, onChange, label }: { spans: readonly Span[]; onChange: (spans: Span[]) => void; label: string }) {
  const words = text.jumpRules.schedule;
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<Cell>({ day: 0, slot: 16 });
  const [anchor, setAnchor] = useState<Cell>(at);
  const [paint, setPaint] = useState<{ from: Cell; open: boolean } | null>(null);
  const [hasFocus, setFocus] = useState(false);
  const isOpen = (cell: Cell) => isOpenAt(spans, cell.day * DAY_MINUTES + cell.slot * SLOT);
  const apply = (from: Cell, to: Cell, open: boolean) => {
    let made: readonly Span[] = spans;
    for (let day = Math.min(from.day, to.day); day <= Math.max(from.day, to.day); day++) {
      const start = day * DAY_MINUTES + Math.min(from.slot, to.slot) * SLOT;
      made = painted(made, { start, end: day * DAY_MINUTES + (Math.max(from.slot, to.slot) + 1) * SLOT }, open);
    }
    onChange([...made]);
  };
  const cellAt = (event: PointerEvent): Cell | null => {
    const box = grid.current!.getBoundingClientRect();
    const slot = Math.floor(((event.clientX - box.left) / box.width) * SLOTS);
    const day = Math.floor(((event.clientY - box.top) / box.height) * 7);
    return slot >= 0 && slot < SLOTS && day >= 0 && day < 7 ? { day, slot } : null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, Cell> = {
      ArrowLeft: { day: at.day, slot: Math.max(0, at.slot - 1) }, ArrowRight: { day: at.day, slot: Math.min(SLOTS - 1, at.slot + 1) },
      ArrowUp: { day: Math.max(0, at.day - 1), slot: at.slot }, ArrowDown: { day: Math.min(6, at.day + 1), slot: at.slot },
      Home: { day: at.day, slot: 0 }, End: { day: at.day, slot: SLOTS - 1 },
    };
    const to = moves[event.key];
    if (to) {
      setAt(to);
      if (!event.shiftKey) {
        setAnchor(to);
      }
    } else if (event.key === ' ' || event.key === 'Enter') {
      apply(anchor, at, !isOpen(at));
      setAnchor(at);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="week" data-testid="week">
      <div class="week-hours" aria-hidden="true">
        {[0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>{hour}</span>)}
      </div>
      <div class="week-days" aria-hidden="true">
        {words.days.map((day) => <span key={day}>{day}</span>)}
      </div>
      <div class="week-grid" ref={grid} role="grid" aria-label={label} aria-describedby={`${id}-help`} tabIndex={0} aria-multiselectable={true}
        data-testid="week-grid" aria-activedescendant={`${id}-${at.day}-${at.slot}`} onKeyDown={onKeyDown}
        onFocus={() => setFocus(true)} onBlur={() => setFocus(false)}
        onPointerDown={(event) => {
          const cell = cellAt(event);
          if (cell && event.button === 0) {
            event.currentTarget.setPointerCapture(event.pointerId);
            setPaint({ from: cell, open: !isOpen(cell) });
            setAt(cell);
            setAnchor(cell);
          }
        }}
        onPointerMove={(event) => {
          const cell = paint && cellAt(event);
          if (cell) {
            setAt(cell);
          }
        }}
        onPointerUp={() => {
          if (paint) {
            apply(paint.from, at, paint.open);
            setPaint(null);
            setAnchor(at);
          }
        }}
        onPointerCancel={() => setPaint(null)}>
        {words.days.map((name, day) => (
          <div key={name} class="week-row" role="row" aria-label={words.daysLong[day]} data-testid={`day-${day}`}
            data-hours={ofDay(spans, day).map((span) => `${timeText(span.start)}-${timeText(span.end)}`).join(' ')}>
            {ofDay(spans, day).map((span) => (
              <span key={span.start} class="week-span" aria-hidden="true"
                style={{ left: `${(span.start / DAY_MINUTES) * 100}%`, width: `${((span.end - span.start) / DAY_MINUTES) * 100}%` }} />
            ))}
            {Array.from({ length: SLOTS }, (_, slot) => {
              const cell = { day, slot };
              const chosen = paint ? inBox(cell, paint.from, at) : hasFocus && inBox(cell, anchor, at);
              return (
                <span key={slot} id={`${id}-${day}-${slot}`} role="gridcell" aria-selected={isOpen(cell)}
                  class={['week-cell', slot % 2 === 1 && 'half', chosen && 'chosen', chosen && paint && !paint.open && 'closing'].filter(Boolean).join(' ')}
                  aria-label={words.cell(words.daysLong[day]!, timeText(slot * SLOT), isOpen(cell) ? words.open : words.closed)} />
              );
            })}
          </div>
        ))}
      </div>
      <p class="hint week-help" id={`${id}-help`}>{words.help}</p>
      <p class="visually-hidden" role="status">
        {hasFocus ? words.cell(words.daysLong[at.day]!, timeText(at.slot * SLOT), isOpen(at) ? words.open : words.closed) : ''}
      </p>
    </div>
  );
}

/* Monday to Friday as one wants it most often. */
export function WeekButtons({ onChange }: { onChange: (spans: Span[]) => void }) {
  const words = text.jumpRules.schedule;
  const weekdays = (first: number, last: number) => [0, 1, 2, 3, 4].map((day) => (
    { start: day * DAY_MINUTES + first, end: day * DAY_MINUTES + last }));
  return (
    <div class="actions week-buttons">
      <button type="button" class="quiet" data-testid="week-office" onClick={() => onChange(weekdays(480, 1020))}>{words.office}</button>
      <button type="button" class="quiet" onClick={() => onChange([{ start: 0, end: 7 * DAY_MINUTES }])}>{words.always}</button>
      <button type="button" class="quiet" data-testid="week-never" onClick={() => onChange([])}>{words.never}</button>
    </div>
  );
}

export function DateRules({ rules, onChange }: { rules: readonly DateRule[]; onChange: (rules: DateRule[]) => void }) {
  const words = text.jumpRules.schedule;
  const [date, setDate] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [error, setError] = useState('');
  const add = () => {
    const [start, end] = [timeOf(from || '00:00'), timeOf(to || '00:00')];
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || start === null || end === null || (from !== '' || to !== '' ? end <= start : false)) {
      setError(words.dateWrong);
      return;
    }
    setError('');
    setDate('');
    setFrom('');
    setTo('');
    /* A date is either closed or has hours. */
    const others = rules.filter((rule) => rule.date !== date || (end !== 0 && rule.end !== 0));
    onChange([...others, { date, start, end }].sort((a, b) => a.date.localeCompare(b.date) || a.start - b.start));
  };
  return (
    <div class="dates" data-testid="dates">
      {rules.length === 0 ? <p class="hint">{words.noDates}</p> : (
        <ul class="member-list">
          {rules.map((rule) => (
            <li key={`${rule.date}-${rule.start}`} class="member-row">
              <span>{formatDate(Date.parse(`${rule.date}T12:00:00`))}</span>
              <span>{rule.end === 0 ? words.closedAllDay : `${timeText(rule.start)}–${timeText(rule.end)}`}</span>
              <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(formatDate(Date.parse(`${rule.date}T12:00:00`)))}
                onClick={() => onChange(rules.filter((one) => one !== rule))}>
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="date-line">
        <label>{words.date}<input type="date" value={date} data-testid="date" onInput={(event) => setDate(event.currentTarget.value)} /></label>
        <label>{words.openFrom}<input type="time" value={from} data-testid="date-from" onInput={(event) => setFrom(event.currentTarget.value)} /></label>
        <label>{words.openTo}<input type="time" value={to} data-testid="date-to" onInput={(event) => setTo(event.currentTarget.value)} /></label>
        <button type="button" data-testid="date-add" onClick={add}>{text.common.actions.add}</button>
      </div>
      <p class="hint">{words.dateHint}</p>
      {error && <p class="field-error" role="alert">{error}</p>}
    </div>
  );
}
