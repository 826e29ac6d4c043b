/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/window_parts.h"

#include <string.h>

enum { FRAME_PX = 1, FOCUS_PX = 3 };

static int margin(const struct cw_window *w)
{
    return w->paint.em_px / 2;
}

static int button_height(const struct cw_window *w)
{
    return w->paint.em_px * 2;
}

static int button_width(struct cw_window *w, const char *label)
{
    return cw_paint_measure(&w->paint, label, strlen(label)) + w->paint.em_px * 2;
}

static void draw_button(struct cw_window *w, enum cw_part part, const char *label, int x, int y)
{
    struct cw_paint *p = &w->paint;
    int width = button_width(w, label), height = button_height(w);
    bool is_focus = w->focus == part;
    cw_paint_fill(p, x, y, width, height, CW_COLOUR_BUTTON);
    cw_paint_frame(p, x, y, width, height, is_focus ? FOCUS_PX : FRAME_PX,
                   is_focus ? CW_COLOUR_FOCUS : CW_COLOUR_LINE);
    cw_paint_text(p, x + p->em_px, y + (height - p->em_px) / 2, label, strlen(label),
                  CW_COLOUR_INK);
    w->places[part] = (struct cw_place){x, y, width, height};
}

/* Buttons from the left, in as many rows as they need. y_from_top: where the first row starts. Returns the
 * height; draws only if is_drawn, so that the same code measures. */
static int flow_buttons(struct cw_window *w, const enum cw_part *parts, const char *const *labels,
                        unsigned count, int y, bool is_drawn)
{
    int x = margin(w), top = y;
    bool any = false;
    for (unsigned i = 0; i < count; i++) {
        if (labels[i][0] == '\0')
            continue;
        int width = button_width(w, labels[i]);
        if (any && x + width > w->paint.width_px - margin(w)) {
            x = margin(w);
            y += button_height(w) + margin(w);
        }
        if (is_drawn)
            draw_button(w, parts[i], labels[i], x, y);
        x += width + margin(w);
        any = true;
    }
    return any ? y - top + button_height(w) + margin(w) : 0;
}

/* A coloured strip with white text over the whole width. */
static int draw_banner(struct cw_window *w)
{
    struct cw_paint *p = &w->paint;
    int m = margin(w), width = p->width_px - 2 * m;
    enum cw_colour colour = w->view.is_alarming ? CW_COLOUR_ALARM : CW_COLOUR_CALM;
    int height = cw_paint_lines(p, m, m, width, w->view.banner, CW_COLOUR_COUNT) + 2 * m;
    cw_paint_fill(p, 0, 0, p->width_px, height, colour);
    cw_paint_lines(p, m, m, width, w->view.banner, CW_COLOUR_WHITE);
    return height + m;
}

static int draw_question(struct cw_window *w, int y)
{
    static const enum cw_part parts[] = {CW_PART_ANSWER_1, CW_PART_ANSWER_2, CW_PART_ANSWER_3};
    const char *labels[] = {w->view.answers[0], w->view.answers[1], w->view.answers[2]};
    struct cw_paint *p = &w->paint;
    int m = margin(w), width = p->width_px - 2 * m;
    if (w->view.question[0] == '\0')
        return 0;
    int text = cw_paint_lines(p, m, y, width, w->view.question, CW_COLOUR_COUNT);
    int buttons = flow_buttons(w, parts, labels, 3, y + text + 2 * m, false);
    int height = text + buttons + 2 * m;
    cw_paint_fill(p, 0, y, p->width_px, height, CW_COLOUR_WHITE);
    cw_paint_fill(p, 0, y, m / 2, height, CW_COLOUR_FOCUS);
    cw_paint_lines(p, m, y + m, width, w->view.question, CW_COLOUR_INK);
    flow_buttons(w, parts, labels, 3, y + text + 2 * m, true);
    return height + m;
}

static int line_height(struct cw_window *w, struct cw_window_line *line, int width)
{
    if (line->height_for_px != width) {
        line->height_px = cw_paint_lines(&w->paint, 0, 0, width, line->text, CW_COLOUR_COUNT);
        line->height_for_px = width;
    }
    return line->height_px;
}

/* The newest line is at the bottom; what is above the box is not drawn. */
static void draw_chat(struct cw_window *w, int y0, int y1)
{
    struct cw_paint *p = &w->paint;
    int m = margin(w), width = p->width_px - 4 * m;
    XRectangle box = {(short)m, (short)y0, (unsigned short)(p->width_px - 2 * m),
                      (unsigned short)(y1 - y0)};
    int total = 0;
    for (size_t i = 0; i < w->line_count; i++)
        total += line_height(w, &w->lines[i], width) + m / 2;
    w->chat_height_px = y1 - y0;
    int most = total > y1 - y0 - m ? total - (y1 - y0 - m) : 0;
    if (w->scroll_px > most)
        w->scroll_px = most;
    cw_paint_fill(p, m, y0, p->width_px - 2 * m, y1 - y0, CW_COLOUR_WHITE);
    XftDrawSetClipRectangles(p->draw, 0, 0, &box, 1);
    int y = y1 - m / 2 + w->scroll_px;
    for (size_t i = w->line_count; i-- > 0 && y > y0;) {
        y -= line_height(w, &w->lines[i], width) + m / 2;
        if (y < y1)
            cw_paint_lines(p, 2 * m, y, width, w->lines[i].text, CW_COLOUR_INK);
    }
    XftDrawSetClip(p->draw, NULL);
    cw_paint_frame(p, m, y0, p->width_px - 2 * m, y1 - y0, FRAME_PX, CW_COLOUR_LINE);
}

/* The entry shows the part of the text around the cursor. */
static void draw_entry(struct cw_window *w, int y)
{
    static const char send[] = "Send";
    struct cw_paint *p = &w->paint;
    int m = margin(w), send_width = button_width(w, send);
    struct cw_place box = {m, y, p->width_px - 3 * m - send_width, button_height(w)};
    bool is_focus = w->focus == CW_PART_ENTRY;
    w->places[CW_PART_ENTRY] = box;
    cw_paint_fill(p, box.x, box.y, box.w, box.h, CW_COLOUR_WHITE);
    XRectangle clip = {(short)(box.x + FOCUS_PX), (short)box.y,
                       (unsigned short)(box.w - 2 * FOCUS_PX), (unsigned short)box.h};
    XftDrawSetClipRectangles(p->draw, 0, 0, &clip, 1);
    int cursor = cw_paint_measure(p, w->edit.text, w->edit.cursor);
    int shift = cursor > box.w - 2 * m ? cursor - (box.w - 2 * m) : 0;
    int text_y = y + (box.h - p->em_px) / 2;
    if (w->edit.bytes > 0)
        cw_paint_text(p, box.x + m - shift, text_y, w->edit.text, w->edit.bytes, CW_COLOUR_INK);
    else if (!is_focus)
        cw_paint_text(p, box.x + m, text_y, "Write a message", 15, CW_COLOUR_FAINT);
    if (is_focus)
        cw_paint_fill(p, box.x + m - shift + cursor, text_y, 2, p->em_px, CW_COLOUR_INK);
    XftDrawSetClip(p->draw, NULL);
    cw_paint_frame(p, box.x, box.y, box.w, box.h, is_focus ? FOCUS_PX : FRAME_PX,
                   is_focus ? CW_COLOUR_FOCUS : CW_COLOUR_LINE);
    draw_button(w, CW_PART_SEND, send, box.x + box.w + m, y);
}

static int draw_bottom(struct cw_window *w)
{
    static const enum cw_part parts[] = {CW_PART_SHARING, CW_PART_END};
    static const char keys[] = "Pause, or Ctrl+Alt+End, ends the session at once, from any window.";
    const char *labels[] = {w->view.sharing, w->view.end};
    struct cw_paint *p = &w->paint;
    int m = margin(w), width = p->width_px - 2 * m;
    int hint = w->has_grabs ? cw_paint_lines(p, m, 0, width, keys, CW_COLOUR_COUNT) + m : 0;
    int buttons = flow_buttons(w, parts, labels, 2, 0, false);
    int y = p->height_px - hint - buttons;
    flow_buttons(w, parts, labels, 2, y, true);
    if (w->has_grabs)
        cw_paint_lines(p, m, y + buttons, width, keys, CW_COLOUR_FAINT);
    return y - m;
}

void cw_window_draw(struct cw_window *w)
{
    struct cw_paint *p = &w->paint;
    int m = margin(w), width = p->width_px - 2 * m;
    memset(w->places, 0, sizeof(w->places));
    cw_paint_fill(p, 0, 0, p->width_px, p->height_px, CW_COLOUR_PAPER);
    int bottom = draw_bottom(w);
    int y = draw_banner(w);
    if (w->view.status[0] != '\0')
        y += cw_paint_lines(p, m, y, width, w->view.status, CW_COLOUR_INK) + m;
    y += draw_question(w, y);
    if (w->view.has_chat) {
        int entry = bottom - button_height(w);
        if (entry - m > y + p->em_px)
            draw_chat(w, y, entry - m);
        draw_entry(w, entry);
    }
    cw_paint_show(p);
    /* What had the focus has gone (the chat of a session that ended): Enter closes the window. */
    w->is_dirty = w->places[w->focus].w == 0 && w->places[CW_PART_END].w > 0;
    if (w->is_dirty)
        w->focus = CW_PART_END;
}
