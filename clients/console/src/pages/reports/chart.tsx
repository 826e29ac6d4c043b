/* SPDX-License-Identifier: Apache-2.0 */
/* A bar for each row, drawn by the page's own style sheet and readable without seeing it: the table says the same. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../../text/format';

export interface Bar {
  readonly name: string;
  readonly value: number;
}

const HEIGHT_PX = 150;
const AXIS_PX = 20;
const LEAST_LABEL_PX = 64;
const MOST_BAR_PX = 44;

/* The smallest of 1, 2 and 5 times a power of ten that is not below: the top of the scale. */
export function niceTop(most: number): number {
  if (most <= 0) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most)!;
}

export function BarChart({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(box.current?.clientWidth ?? 0));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const top = niceTop(Math.max(0, ...bars.map((bar) => bar.value)));
  const left = 12 + formatNumber(top).length * 8;
  const step = bars.length > 0 ? (width - left) / bars.length : 0;
  const thick = Math.max(1, Math.min(MOST_BAR_PX, step * 0.7));
  const every = Math.max(1, Math.ceil(LEAST_LABEL_PX / Math.max(step, 1)));
  const scale = HEIGHT_PX - AXIS_PX - 8;
  const y = (value: number) => 8 + scale - (value / top) * scale;
  return (
    <div class="chart" ref={box}>
      {width > 0 && (
        <svg role="img" aria-label={label} width={width} height={HEIGHT_PX} viewBox={`0 0 ${width} ${HEIGHT_PX}`}>
          {[0, top / 2, top].filter((value) => Number.isInteger(value)).map((value) => (
            <g key={value}>
              <line class="chart-line" x1={left} x2={width} y1={y(value)} y2={y(value)} />
              <text class="chart-text" x={left - 6} y={y(value) + 4} text-anchor="end">{formatNumber(value)}</text>
            </g>
          ))}
          {bars.map((bar, at) => {
            const x = left + at * step + (step - thick) / 2;
            return (
              <g key={at}>
                <rect class="chart-bar" x={x} y={y(bar.value)} width={thick} height={Math.max(0, y(0) - y(bar.value))} rx={Math.min(3, thick / 3)}>
                  <title>{`${bar.name}: ${formatNumber(bar.value)}`}</title>
                </rect>
                {at % every === 0 && (
                  <text class="chart-text" x={left + at * step + step / 2} y={HEIGHT_PX - 5} text-anchor="middle">
                    {clip(bar.name, (every * step) / 7)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}

function clip(name: string, characters: number): string {
  const letters = [...name];
  const most = Math.max(3, Math.floor(characters));
  return letters.length <= most ? name : `${letters.slice(0, most - 1).join('')}…`;
}
