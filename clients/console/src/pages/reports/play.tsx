/* SPDX-License-Identifier: Apache-2.0 */
/* The player of a recording: the screen, what was said and who came and went beside it, and a bar to move in time. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { recordingsApi, type RecordingPart } from '../../api/recordings';
import { sentence } from '../../api/request';
import { RecordingPlayer, SPEEDS } from '../../recording/player';
import type { StoryLine } from '../../recording/story';
import { TapeError, TapePart } from '../../recording/tape';
import { saveFile } from '../../save_file';
import { text } from '../../text';
import { formatBytes, formatClock, formatRemaining } from '../../text/format';
import { Select } from '../../view/fields';
import { useWatch } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Badge, Empty, Page } from '../../view/page';
import type { Resource } from '../../view/resource';

/* What a page can hold; larger ones are for causeway-recording. */
const BYTES_MAX = 1024 * 1024 * 1024;
const STEP_MS = 10_000;
const BAR_STEP_MS = 100;

type Seal = 'checking' | 'intact' | 'changed';

export function RecordingPage({ list, session, codecUrl }: {
  list: Resource<{ recordings: RecordingPart[] }>; session: number; codecUrl: string;
}) {
  const parts = list.value?.recordings.filter((part) => part.session === session).sort((a, b) => a.part - b.part);
  return (
    <Page title={text.reports.session(String(session))} width="full" testId="recording-page" error={list.error}
      back={{ label: text.recording.title, path: '/reports/recordings' }}>
      {parts && (parts.length > 0
        ? <Player parts={parts} codecUrl={codecUrl} />
        : <Empty title={text.recording.noSession} />)}
    </Page>
  );
}

/* Fetches the parts one behind the other into a player. */
function usePlayer(parts: readonly RecordingPart[], codecUrl: string) {
  const [player] = useState(() => new RecordingPlayer());
  const [error, setError] = useState('');
  const [fetched, setFetched] = useState(0);
  const [seal, setSeal] = useState<Seal>('checking');
  const files = useRef<TapePart[]>([]);
  useEffect(() => {
    const turn = { over: false };
    void (async () => {
      try {
        if (parts.reduce((sum, part) => sum + part.bytes, 0) > BYTES_MAX) {
          setError(text.recording.tooLarge);
          return;
        }
        await player.load(codecUrl);
        let before = 0;
        for (const part of parts) {
          const file = await fetchPart(part, turn, (records, bytes) => {
            player.push(records);
            setFetched(before + bytes);
          });
          if (!file) {
            return;
          }
          files.current.push(file);
          before += part.bytes;
        }
        player.isWhole = true;
        const good = await Promise.all(files.current.map((file, at) => file.verify(parts[at]!.root_hash)));
        setSeal(good.every(Boolean) ? 'intact' : 'changed');
      } catch (caught) {
        if (!turn.over) {
          player.isWhole = true;
          setSeal('changed');
          setError(caught instanceof TapeError ? text.recording[caught.fault] : sentence(caught));
        }
      }
    })();
    return () => {
      turn.over = true;
      player.free();
    };
  }, [player]);
  return { player, error, fetched, seal, files: files.current };
}

async function fetchPart(part: RecordingPart, turn: { over: boolean },
  tell: (records: ReturnType<TapePart['push']>, bytes: number) => void): Promise<TapePart | null> {
  const file = new TapePart(part.bytes);
  let offset: number | null = 0;
  while (offset !== null) {
    const stretch: Awaited<ReturnType<typeof recordingsApi.read>> = await recordingsApi.read(part.file, offset);
    if (turn.over) {
      return null;
    }
    const bytes = bytesOf(stretch.data);
    tell(file.push(bytes), stretch.offset + bytes.byteLength);
    offset = stretch.next;
  }
  return file;
}

function bytesOf(base64url: string): Uint8Array {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function Player({ parts, codecUrl }: { parts: readonly RecordingPart[]; codecUrl: string }) {
  const { player, error, fetched, seal, files } = usePlayer(parts, codecUrl);
  useWatch(player);
  const stage = useRef<HTMLDivElement>(null);
  const all = parts.reduce((sum, part) => sum + part.bytes, 0);
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest('button, select, input, a')) {
      return;
    }
    const moves: Record<string, () => void> = {
      ' ': () => (player.playing ? player.pause() : player.play()),
      ArrowLeft: () => player.seek(player.atUnixMs - STEP_MS),
      ArrowRight: () => player.seek(player.atUnixMs + STEP_MS),
      Home: () => player.seek(player.startUnixMs),
      End: () => player.seek(player.endUnixMs),
    };
    const move = moves[event.key];
    if (move) {
      event.preventDefault();
      move();
    }
  };
  return (
    <>
      {error !== '' && <p class="error-line" role="alert" data-testid="player-error">{error}</p>}
      <div class="player">
        <div class="player-main">
          <div class="player-stage" ref={stage} role="group" aria-label={text.recording.stage} tabIndex={0} onKeyDown={onKeyDown}>
            <Screen player={player} />
            {!player.screen.hasPicture && <p class="player-none">{error === '' ? text.recording.noPicture : ''}</p>}
          </div>
          <Controls player={player} onFullScreen={() => void stage.current?.requestFullscreen().catch(() => undefined)} />
          <div class="player-foot">
            {!player.isWhole
              ? <span class="hint" role="status">{text.recording.loading(formatBytes(fetched), formatBytes(all))}</span>
              : <Badge tone={seal === 'intact' ? 'ok' : seal === 'changed' ? 'danger' : 'neutral'}>{text.recording[seal]}</Badge>}
            <button type="button" class="quiet" disabled={!player.isWhole || files.length === 0} data-testid="player-save"
              onClick={() => files.forEach((file, at) => saveFile(parts[at]!.file, new Blob([file.file], { type: 'application/octet-stream' })))}>
              <Icon name="download" />{text.recording.save}
            </button>
          </div>
        </div>
        <StoryPanel player={player} lines={player.story.lines} />
      </div>
    </>
  );
}

/* The picture keeps its shape inside the stage; the pointer lies over it at the same scale. */
function Screen({ player }: { player: RecordingPlayer }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pointer = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    player.screen.attach(canvas.current!);
    player.usePointerCanvas(pointer.current);
  }, [player]);
  useWatch(player.screen);
  const { x, y, hotX, hotY, width, height } = player.pointer;
  const wide = player.screen.width || 1;
  const high = player.screen.height || 1;
  return (
    <div class="player-screen" style={{ aspectRatio: `${wide} / ${high}`, maxWidth: `${wide}px` }} hidden={!player.screen.hasPicture}>
      <canvas ref={canvas} class="player-picture" data-testid="player-canvas" />
      <canvas ref={pointer} class="player-pointer" aria-hidden="true" style={{
        left: `${((x - hotX) / wide) * 100}%`, top: `${((y - hotY) / high) * 100}%`, width: `${(width / wide) * 100}%`,
        height: `${(height / high) * 100}%`,
      }} />
    </div>
  );
}

function Controls({ player, onFullScreen }: { player: RecordingPlayer; onFullScreen: () => void }) {
  const length = player.endUnixMs - player.startUnixMs;
  const at = player.atUnixMs - player.startUnixMs;
  const said = `${formatRemaining(Math.floor(at / 1000) * 1000)} / ${formatRemaining(length)}`;
  return (
    <div class="player-controls">
      <button type="button" class="primary" data-testid="player-toggle" onClick={() => (player.playing ? player.pause() : player.play())}
        aria-label={player.playing ? text.recording.pause : text.recording.play}>
        <Icon name={player.playing ? 'pause' : 'play'} />
      </button>
      <button type="button" class="quiet" aria-label={text.recording.back} title={text.recording.back}
        onClick={() => player.seek(player.atUnixMs - STEP_MS)}><Icon name="left" /></button>
      <button type="button" class="quiet" aria-label={text.recording.forward} title={text.recording.forward}
        onClick={() => player.seek(player.atUnixMs + STEP_MS)}><Icon name="right" /></button>
      <input class="player-bar" type="range" min={0} max={Math.max(1, Math.ceil(length / BAR_STEP_MS)) * BAR_STEP_MS} step={BAR_STEP_MS} value={at} data-testid="player-position"
        aria-label={text.recording.position} aria-valuetext={said}
        onInput={(event) => player.seek(player.startUnixMs + event.currentTarget.valueAsNumber)} />
      <span class="player-time" data-testid="player-time">{said}</span>
      <Select label={text.recording.speed} hideLabel value={player.speed} testId="player-speed" onChange={(speed) => player.setSpeed(speed)}
        options={SPEEDS.map((speed) => ({ value: speed as number, label: `${speed}×` }))} />
      <button type="button" class="quiet" aria-label={text.recording.fullScreen} title={text.recording.fullScreen}
        onClick={onFullScreen}><Icon name="window" /></button>
    </div>
  );
}

function sayLine(line: StoryLine, known: string): string {
  const name = known || text.recording.somebody;
  switch (line.kind) {
    case 'came': return text.recording.came(name);
    case 'left': return text.recording.left(name);
    case 'permissions': return text.recording.permissions(name);
    case 'consent': return text.recording.consent(name);
    case 'gap': return line.text || text.recording.gap;
    case 'end': return line.text || text.recording.end;
    case 'chat':
    case 'side': return line.text;
  }
}

/* Said by a person; lines of the appliance are notes. */
function isSaid(line: StoryLine): boolean {
  return (line.kind === 'chat' || line.kind === 'side') && line.participant !== 0;
}

/* Chosen: the picture goes to that moment. */
function StoryPanel({ player, lines }: { player: RecordingPlayer; lines: readonly StoryLine[] }) {
  let now = lines.length - 1;
  while (now >= 0 && lines[now]!.unixMs > player.atUnixMs) {
    now--;
  }
  /* The clock redraws the page at every frame, this only when another line is reached. */
  return useMemo(() => (
    <section class="player-story card" aria-label={text.recording.story}>
      <header class="card-head"><h2>{text.recording.story}</h2></header>
      {lines.length === 0 ? <p class="empty">{text.recording.empty}</p> : (
        <ol>
          {lines.map((line, at) => (
            <li key={at}>
              <button type="button" class={`story-line ${isSaid(line) ? '' : 'story-note'}`} aria-current={at === now ? 'true' : undefined}
                onClick={() => player.seek(line.unixMs)}>
                <time>{formatClock(line.unixMs)}</time>
                {isSaid(line) && <bdi class="story-name">{player.story.nameOf(line) || text.recording.somebody}</bdi>}
                {line.kind === 'side' && <span class="tag tag-accent">{text.recording.side}</span>}
                <bdi class="story-text">{sayLine(line, player.story.nameOf(line))}</bdi>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  ), [now, lines.length]);
}
