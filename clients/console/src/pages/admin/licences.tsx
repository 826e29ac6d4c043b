/* SPDX-License-Identifier: Apache-2.0 */
/* Licence seats: how many, how many are in use, who is reachable without a console. */
import { optionsApi } from '../../api/options';
import { accountsApi, seatsApi } from '../../api/people';
import type { PageProps } from '../../pages';
import { text } from '../../text';
import { formatNumber } from '../../text/format';
import { NumberField } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Card, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';

const OPTION = 'licence.seats';

export default function LicencesPage({ state }: PageProps) {
  const words = text.people.licences;
  const seats = useResource(() => seatsApi.list(), ['availability_changed', 'settings_changed']);
  const names = useResource(async () => (state.may('edit_accounts')
    ? new Map((await accountsApi.all()).map((account) => [account.id, account.display_name])) : new Map<number, string>()));
  return (
    <Page title={words.title} lead={words.lead} width="text" testId="licences-page">
      <Loaded resource={seats}>
        {({ seats: count, used, extended }) => (
          <>
            <Card title={words.used} testId="seats">
              <p class="big-number" data-testid="seats-used">
                {count === 0 ? words.unlimited(formatNumber(used)) : words.usedOf(formatNumber(used), formatNumber(count))}
              </p>
              {count > 0 && (
                <>
                  <progress class="seat-bar" value={used} max={count} aria-label={words.used} />
                  {used >= count ? <Badge tone="danger">{words.full}</Badge>
                    : used * 10 >= count * 9 && <Badge tone="warn">{words.nearly}</Badge>}
                </>
              )}
              <SeatForm key={count} count={count} onSaved={() => void seats.reload()} />
            </Card>
            <Card title={words.extendedTitle}>
              {extended.length === 0 ? <p class="hint">{words.noExtended}</p> : (
                <ul class="member-list">
                  {extended.map((id) => <li key={id} class="member-row"><span>{names.value?.get(id) ?? words.account(id)}</span></li>)}
                </ul>
              )}
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function SeatForm({ count, onSaved }: { count: number; onSaved: () => void }) {
  const words = text.people.licences;
  const form = useForm({ count: count as number | null }, {
    save: async (values) => optionsApi.set(OPTION, values.count ?? 0),
    saved: () => {
      toast(text.common.actions.saved);
      onSaved();
    },
  });
  return (
    <Form form={form} label={words.limit}>
      <NumberField label={words.limit} hint={words.limitHint} unit={words.unit} min={0} max={1_000_000} {...form.number('count')} />
      <FormBar form={form} />
    </Form>
  );
}
