/* SPDX-License-Identifier: Apache-2.0 */
/* Where one is in the console: the part of the address behind '#', so that back, forward and links work.
 *
 *   #/queues   #/jump/17   #/session/4   #/me/settings   #/admin/users/3   #/reports/sessions?team=2
 *
 * A form with unsaved changes is a guard: it is asked before the place changes.
 */
import { useEffect, useReducer } from 'preact/hooks';

export interface Route {
  readonly path: string; /* '/admin/users/3'; '/' when there is none */
  readonly query: URLSearchParams;
}

export type Guard = () => Promise<boolean>;

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const clean = `/${path.split('/').filter((part) => part !== '').join('/')}`;
  return { path: clean, query: new URLSearchParams(query) };
}

/* '#/reports/sessions?team=2'; what is undefined or '' is left out. */
export function hrefOf(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') {
      parts.set(name, String(value));
    }
  }
  const made = parts.toString();
  return `#${path}${made === '' ? '' : `?${made}`}`;
}

/* What is behind the page's own path: ['3'] for '/admin/users/3' on the page '/admin/users'; null: not that page. */
export function argumentsOf(page: string, path: string): string[] | null {
  if (path !== page && !path.startsWith(`${page}/`)) {
    return null;
  }
  return path.slice(page.length).split('/').filter((part) => part !== '').map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

class Router {
  #hash = typeof location === 'undefined' ? '' : location.hash;
  #route = parseRoute(this.#hash);
  #watchers = new Set<(route: Route) => void>();
  #guards = new Set<Guard>();

  constructor() {
    if (typeof window !== 'undefined') {
      window.addEventListener('popstate', () => this.#moved());
      window.addEventListener('hashchange', () => this.#moved());
      window.addEventListener('beforeunload', (event) => {
        if (this.#guards.size > 0) {
          event.preventDefault();
        }
      });
    }
  }

  get route(): Route {
    return this.#route;
  }

  watch(watcher: (route: Route) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /* Asked before one leaves; resolves to true when one may. */
  guard(guard: Guard): () => void {
    this.#guards.add(guard);
    return () => this.#guards.delete(guard);
  }

  /* Asks the guards first. path may have a query; replace: back does not lead here. */
  async go(path: string, { replace = false } = {}): Promise<void> {
    const hash = path.startsWith('#') ? path : `#${path}`;
    if (hash === this.#hash || !(await this.#mayLeave())) {
      return;
    }
    if (replace) {
      history.replaceState(null, '', hash);
    } else {
      history.pushState(null, '', hash);
    }
    this.#take(hash);
  }

  #take(hash: string): void {
    this.#hash = hash;
    this.#route = parseRoute(hash);
    for (const watcher of [...this.#watchers]) {
      watcher(this.#route);
    }
  }

  #moved(): void {
    const wanted = location.hash;
    if (wanted === this.#hash) {
      return;
    }
    if (this.#guards.size === 0) {
      this.#take(wanted);
      return;
    }
    history.replaceState(null, '', this.#hash || '#/');
    void this.go(wanted);
  }

  async #mayLeave(): Promise<boolean> {
    for (const guard of [...this.#guards]) {
      if (!(await guard())) {
        return false;
      }
    }
    this.#guards.clear();
    return true;
  }
}

export const router = new Router();

export function go(path: string, options?: { replace?: boolean }): void {
  void router.go(path, options);
}

export function useRoute(): Route {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => router.watch(() => redraw(undefined)), []);
  return router.route;
}
