/* SPDX-License-Identifier: Apache-2.0 */
/* A page of the console: its head with title, filter and actions, and what stands below in each state. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { common } from '../text/common';
import { hrefOf } from '../route';
import { Icon } from './icon';
import { ErrorLine } from './parts';
import type { Resource } from './resource';

interface PageProps {
  title: string;
  lead?: string | undefined;
  /* A way up: the list that this is one of. */
  back?: { readonly label: string; readonly path: string } | undefined;
  filter?: ComponentChildren;
  actions?: ComponentChildren;
  error?: string | undefined;
  children: ComponentChildren;
  /* 'full': the content fills the page and scrolls inside (a table); 'text': lines of a readable width. */
  width?: 'full' | 'wide' | 'text';
  testId?: string;
}

export function Page(props: PageProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    /* Whoever came here by the keyboard goes on from here; not while somebody types elsewhere. */
    if (!(document.activeElement instanceof HTMLInputElement)) {
      title.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <div class={`page page-${props.width ?? 'wide'}`} data-testid={props.testId}>
      <header class="page-head">
        <div class="page-title">
          {props.back && (
            <a class="page-back" href={hrefOf(props.back.path)}><Icon name="left" />{props.back.label}</a>
          )}
          <h1 ref={title} tabIndex={-1}>{props.title}</h1>
          {props.lead && <p class="lead">{props.lead}</p>}
        </div>
        {props.filter && <div class="page-filter">{props.filter}</div>}
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      <ErrorLine testId="page-error">{props.error ?? ''}</ErrorLine>
      <div class="page-content">{props.children}</div>
    </div>
  );
}

/* Nothing is there, and what to do about it. */
export function Empty({ title, children, action }: {
  title: string; children?: ComponentChildren; action?: ComponentChildren;
}) {
  return (
    <div class="empty-state">
      <p class="empty-title">{title}</p>
      {children && <div class="empty-text">{children}</div>}
      {action && <div class="actions">{action}</div>}
    </div>
  );
}

/* Grey lines in the place of what comes: nothing jumps when it is there. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">{common.loading}</span>
      {Array.from({ length: lines }, (_, at) => <span key={at} class={`skeleton-line line-${at % 3}`} aria-hidden="true" />)}
    </div>
  );
}

/* A resource in whatever state it is: a skeleton, what went wrong with "Try again", or what it is. */
export function Loaded<T>({ resource, children, lines }: {
  resource: Resource<T>; children: (value: T) => ComponentChildren; lines?: number;
}) {
  if (resource.value === null) {
    return resource.error === '' ? <Skeleton lines={lines ?? 4} /> : (
      <Empty title={resource.error} action={!resource.refused && (
        <button type="button" data-testid="try-again" onClick={() => void resource.reload()}>{common.tryAgain}</button>
      )} />
    );
  }
  return (
    <>
      {resource.error !== '' && (
        <div class="stale-line" role="status">
          <Icon name="warning" />
          <span>{resource.error}</span>
          <button type="button" class="quiet" onClick={() => void resource.reload()}>{common.tryAgain}</button>
        </div>
      )}
      {children(resource.value)}
    </>
  );
}

/* A box with a heading on a page. */
export function Card({ title, actions, children, lead, testId }: {
  title?: string; actions?: ComponentChildren; children: ComponentChildren; lead?: string; testId?: string;
}) {
  return (
    <section class="card" aria-label={title} data-testid={testId}>
      {(title || actions) && (
        <header class="card-head">
          {title && <h2>{title}</h2>}
          {actions && <div class="actions push">{actions}</div>}
        </header>
      )}
      <div class="card-body">
        {lead && <p class="hint card-lead">{lead}</p>}
        {children}
      </div>
    </section>
  );
}

export type Tone = 'neutral' | 'ok' | 'warn' | 'danger' | 'accent';

/* A word in a small frame: a state. The word says it; the colour only helps. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`tag tag-${tone}`}>{children}</span>;
}

/* Names and values below each other. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren] | null | false)[] }) {
  return (
    <dl class="facts">
      {rows.filter((row): row is readonly [string, ComponentChildren] => Boolean(row)).map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
