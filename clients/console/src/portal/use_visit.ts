/* SPDX-License-Identifier: Apache-2.0 */
/* Where the customer is, asked again and again until the session is over; while the page is hidden less often. */
import { useEffect, useState } from 'preact/hooks';
import { portalApi, type Visit } from '../api/portal';
import { ApiError } from '../api/request';

const ASK_MS = 3_000;
const ASK_HIDDEN_MS = 15_000;
const ASK_LOST_MS = 5_000;

export interface Following {
  readonly visit: Visit | null; /* the last that was heard */
  readonly lost: boolean; /* the appliance does not answer now */
  readonly gone: boolean; /* it says that there is no such visit */
}

const nothing: Following = { visit: null, lost: false, gone: false };

function isOver(visit: Visit): boolean {
  return visit.state === 'ended' || visit.state === 'expired';
}

export function useVisit(token: string | null): Following {
  const [following, setFollowing] = useState<Following>(nothing);
  useEffect(() => {
    setFollowing(nothing);
    if (token === null) {
      return undefined;
    }
    let timer = 0;
    let stopped = false;
    const ask = async () => {
      let next = document.hidden ? ASK_HIDDEN_MS : ASK_MS;
      try {
        const visit = await portalApi.visit(token);
        if (stopped) {
          return;
        }
        setFollowing({ visit, lost: false, gone: false });
        if (isOver(visit)) {
          return;
        }
      } catch (error) {
        const gone = error instanceof ApiError && (error.status === 404 || error.status === 410);
        if (stopped) {
          return;
        }
        setFollowing((before) => ({ ...before, lost: !gone, gone }));
        if (gone) {
          return;
        }
        next = ASK_LOST_MS;
      }
      timer = window.setTimeout(() => void ask(), next);
    };
    const shown = () => {
      if (!document.hidden && timer !== 0) {
        clearTimeout(timer);
        timer = 0;
        void ask();
      }
    };
    void ask();
    document.addEventListener('visibilitychange', shown);
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [token]);
  return following;
}
