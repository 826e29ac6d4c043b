/* SPDX-License-Identifier: Apache-2.0 */
/* The chat and the facts of a session that is over: to read, and to keep as a text or as data. */
import { useState } from 'preact/hooks';
import { portalApi, type SessionData, type Transcript, type TranscriptLine } from '../api/portal';
import { saveFile } from '../save_file';
import { formatClock, formatDateTime, formatRemaining } from '../text/format';
import { text } from '../text/portal';
import { Card, FieldError } from './parts';
import { refusal } from './refusal';

function who(line: TranscriptLine): string {
  return line.role === 'appliance' ? text.portal.transcript.appliance : line.name;
}

function facts(session: SessionData): readonly (readonly [string, string])[] {
  const t = text.portal.transcript;
  return ([
    [t.session, String(session.id)],
    [t.customer, session.customer],
    [t.people, session.representatives.join(', ')],
    [t.issue, session.issue],
    [t.began, formatDateTime(session.started_unix_ms)],
    [t.ended, formatDateTime(session.ended_unix_ms)],
    [t.duration, formatRemaining(session.ended_unix_ms - session.started_unix_ms)],
  ] as const).filter(([, value]) => value !== '');
}

export function transcriptText({ session, lines }: Transcript): string {
  const head = [session.portal, ...facts(session).map(([name, value]) => `${name}: ${value}`), ''];
  const said = lines.map((line) => `[${formatDateTime(line.time_unix_ms)}] ${who(line)}: ${line.text}`);
  return [...head, ...said, ''].join('\n');
}

export function TranscriptCard({ token }: { token: string }) {
  const [transcript, setTranscript] = useState<Transcript | null>(null);
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const have = async (then: (loaded: Transcript) => void) => {
    if (busy) {
      return;
    }
    setBusy(true);
    setError('');
    try {
      const loaded = transcript ?? await portalApi.transcript(token);
      setTranscript(loaded);
      then(loaded);
    } catch (caught) {
      setError(refusal(caught, { 403: text.portal.after.gone, 404: text.portal.after.gone,
        410: text.portal.after.gone, 0: text.common.errors.unreachable, 503: text.common.errors.unavailable }));
    } finally {
      setBusy(false);
    }
  };
  const t = text.portal.transcript;
  return (
    <Card id="transcript-title" title={t.title} lead={t.lead} testId="transcript-card">
      <div class="actions">
        <button type="button" aria-expanded={shown} data-testid="transcript-show"
          onClick={() => (shown ? setShown(false) : void have(() => setShown(true)))}>
          {shown ? t.hide : t.show}
        </button>
        <button type="button" data-testid="transcript-text" onClick={() => void have((loaded) =>
          saveFile(`${t.fileName(loaded.session.id)}.txt`, new Blob([transcriptText(loaded)], { type: 'text/plain;charset=utf-8' })))}>
          {t.saveText}
        </button>
        <button type="button" data-testid="transcript-data" onClick={() => void have((loaded) =>
          saveFile(`${t.fileName(loaded.session.id)}.json`, new Blob([JSON.stringify(loaded, null, 2)], { type: 'application/json' })))}>
          {t.saveData}
        </button>
      </div>
      <FieldError id="transcript-error">{error}</FieldError>
      {shown && transcript && (
        <div class="transcript" data-testid="transcript">
          <dl class="facts">
            {facts(transcript.session).map(([name, value]) => (
              <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
            ))}
          </dl>
          {transcript.lines.length === 0 ? <p class="lead">{t.empty}</p> : (
            <ol class="lines" tabIndex={0} aria-label={t.title}>
              {transcript.lines.map((line) => (
                <li key={line.line} class={`said said-${line.role === 'appliance' ? 'appliance' : line.role === 'customer' ? 'customer' : 'other'}`}>
                  <span class="said-who">{who(line)} <time>{formatClock(line.time_unix_ms)}</time></span>
                  <span class="said-text">{line.text}</span>
                </li>
              ))}
            </ol>
          )}
        </div>
      )}
    </Card>
  );
}
