/* SPDX-License-Identifier: Apache-2.0 */
/* The session in this browser: the queue above it while the customer waits. The chat itself is loaded when it begins. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Visit } from '../api/portal';
import { text } from '../text/portal';
import type { Kept } from './kept';
import { ownDownload } from './ready';
import { recordingText } from './terms';
import { Waiting } from './waiting';

interface Props {
  kept: Kept;
  button: string; /* a Support Button's secret, when there is no key */
  title: string;
  visit: Visit | null;
  lost: boolean;
  onVisit: (token: string) => void;
  onFailed: (message: string) => void;
  onEnded: () => void;
}

export function Chat({ kept, button, title, visit, lost, onVisit, onFailed, onEnded }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const [state, setState] = useState('connecting');
  const [loaded, setLoaded] = useState(false);
  useEffect(() => {
    let chat: { stop(): void } | null = null;
    let left = false;
    import('../customer/start').then(({ startClickToChat }) => {
      if (left) {
        return;
      }
      setLoaded(true);
      const { entrance } = kept;
      chat = startClickToChat({
        ...(entrance?.key ? { key: entrance.key } : { button }),
        agreed: kept.agreed,
        customerName: kept.customer,
        representative: entrance?.representative ?? '',
        title,
        recordingNotice: entrance ? recordingText(entrance) : '',
        command: entrance?.command ?? '',
        download: entrance ? ownDownload(entrance, null) : null,
        onVisit,
        onState: (now) => {
          setState(now);
          if (now === 'ended') {
            onEnded();
          }
        },
        onFailed,
      }, container.current!);
    }, () => onFailed(text.common.errors.unreachable));
    return () => {
      left = true;
      chat?.stop();
    };
  }, []);
  return (
    <div class="chat-step">
      {state === 'waiting' && visit?.state === 'waiting' && <Waiting visit={visit} lost={lost} live={!lost} />}
      {!loaded && <p class="loading" role="status">{text.common.loading}</p>}
      <div ref={container} class="card part chat-card" data-testid="click-to-chat" />
    </div>
  );
}
