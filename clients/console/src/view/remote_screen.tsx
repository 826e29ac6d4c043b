/* SPDX-License-Identifier: Apache-2.0 */
/* The remote screen in a session tab: canvas, scaling, pointer, keyboard and the way out of it. */
import { useEffect, useRef } from 'preact/hooks';
import { Keyboard } from '../input/keyboard';
import { PointerInput } from '../input/pointer';
import { connectKeyboard } from '../input/typing';
import type { Session } from '../session/session';
import { text } from '../text';
import { Permit } from '../wire/frame';
import { useWatch } from './hooks';

interface Props {
  session: Session;
  scale: 'fit' | 'actual';
  hintId: string;
  /* The escape chord: focus goes back to the tools. */
  onEscape: () => void;
}

const platform = {
  windows: /Win/.test(navigator.platform),
  mac: /Mac|iPhone|iPad/.test(navigator.platform),
};

export function RemoteScreenView({ session, scale, hintId, onEscape }: Props) {
  useWatch(session.screen);
  const area = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const typing = useRef<HTMLTextAreaElement>(null);
  const marker = useRef<HTMLDivElement>(null);
  const { width, height } = session.screen;
  const mayControl = session.may(Permit.CONTROL_INPUT);

  useEffect(() => session.screen.attach(canvas.current!), [session]);
  /* Whoever opened the session wants to work in it; the way out is announced with the field. */
  useEffect(() => typing.current!.focus({ preventScroll: true }), [session]);
  useEffect(() => connectInput(session, canvas.current!, typing.current!, onEscape), [session]);
  useEffect(() => {
    const fit = () => layOut(area.current!, canvas.current!, scale, width, height);
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(area.current!);
    return () => observer.disconnect();
  }, [scale, width, height]);
  useEffect(() => {
    canvas.current!.style.cursor = mayControl ? session.screen.cursorCss : 'default';
  }, [session.screen.cursorCss, mayControl]);
  useEffect(() => placeMarker(session, canvas.current!, marker.current!));

  const label = mayControl ? text.session.screen(session.name) : text.session.screenViewOnly(session.name);
  return (
    <div class={`screen-area scale-${scale}`} ref={area} role="application" aria-label={label}>
      <div class="screen-stack">
        <canvas ref={canvas} width={1} height={1} data-testid={`screen-${session.id}`} />
        <div ref={marker} class="remote-pointer" hidden aria-hidden="true" />
        <textarea ref={typing} class="typing" aria-label={label} aria-describedby={hintId} autocomplete="off"
          autocapitalize="off" autocorrect="off" spellcheck={false} data-testid={`keyboard-${session.id}`} />
      </div>
    </div>
  );
}

/* Fit only ever makes the picture smaller: enlarged text would be blurred. */
function layOut(area: HTMLElement, canvas: HTMLCanvasElement, scale: 'fit' | 'actual', width: number, height: number): void {
  if (width === 0 || height === 0) {
    return;
  }
  const room = area.getBoundingClientRect();
  const factor = scale === 'fit' ? Math.min(1, room.width / width, room.height / height) : 1;
  canvas.style.width = `${Math.max(1, Math.floor(width * factor))}px`;
  canvas.style.height = `${Math.max(1, Math.floor(height * factor))}px`;
}

function placeMarker(session: Session, canvas: HTMLCanvasElement, marker: HTMLElement): void {
  const at = session.remotePointer;
  marker.hidden = at === null || session.screen.width === 0;
  if (at && session.screen.width > 0) {
    const x = (at.x * canvas.clientWidth) / session.screen.width;
    const y = (at.y * canvas.clientHeight) / session.screen.height;
    marker.style.transform = `translate(${x}px, ${y}px)`;
  }
}

/* Where on the remote screen an event is; outside counts as the nearest edge. */
function remotePoint(session: Session, canvas: HTMLCanvasElement, event: MouseEvent): { x: number; y: number } {
  const { width, height } = session.screen;
  const box = canvas.getBoundingClientRect();
  const inside = (value: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(value)));
  return {
    x: inside(((event.clientX - box.left) * width) / Math.max(1, box.width), width),
    y: inside(((event.clientY - box.top) * height) / Math.max(1, box.height), height),
  };
}

function connectInput(
  session: Session, canvas: HTMLCanvasElement, typing: HTMLTextAreaElement, onEscape: () => void,
): () => void {
  const pointer = new PointerInput(
    {
      pointer: (message) => session.pointer(message),
      get congested() {
        return session.congested;
      },
    },
    (run) => requestAnimationFrame(run),
    (handle) => cancelAnimationFrame(handle),
  );
  const keyboard = new Keyboard({
    key: (keysym, down) => session.key(keysym, down),
    releaseAll: () => session.releaseAll(),
    escape: onEscape,
  }, platform);
  const stop = new AbortController();
  const { signal } = stop;
  connectPointer(session, canvas, typing, pointer, signal);
  connectKeyboard(typing, keyboard, signal);

  const release = () => {
    pointer.reset();
    keyboard.reset();
  };
  typing.addEventListener('blur', release, { signal });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && document.activeElement === typing) {
      release();
    }
  }, { signal });
  return () => {
    stop.abort();
    release();
  };
}

function connectPointer(
  session: Session, canvas: HTMLCanvasElement, typing: HTMLTextAreaElement, pointer: PointerInput, signal: AbortSignal,
): void {
  const pass = (event: PointerEvent) => {
    event.preventDefault();
    pointer.event(remotePoint(session, canvas, event), event.buttons);
  };
  canvas.addEventListener('pointerdown', (event) => {
    typing.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pass(event);
  }, { signal });
  canvas.addEventListener('pointermove', pass, { signal });
  canvas.addEventListener('pointerup', pass, { signal });
  canvas.addEventListener('pointercancel', (event) => pointer.event(remotePoint(session, canvas, event), 0), { signal });
  /* The focus stays with the text area, and no menu, drag or back navigation happens. */
  canvas.addEventListener('mousedown', (event) => event.preventDefault(), { signal });
  canvas.addEventListener('mouseup', (event) => event.preventDefault(), { signal });
  canvas.addEventListener('auxclick', (event) => event.preventDefault(), { signal });
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    pointer.wheel(remotePoint(session, canvas, event), event as WheelEvent & { wheelDeltaX?: number; wheelDeltaY?: number });
  }, { signal, passive: false });
}
