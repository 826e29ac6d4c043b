/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/console_setting.h - how consoles behave: people choose, administrators suggest or force.
 *
 *   forced by an administrator > chosen by the person > suggested by an administrator > the default here
 *
 * Thread:    the state thread.
 * Limits:    the words of each row.
 *
 * The appliance keeps and merges them, consoles carry them out. Values are stored as a word's place: words are appended
 * to a row, never taken out or put in between.
 */
#ifndef CW_CONTROL_ACCOUNT_CONSOLE_SETTING_H
#define CW_CONTROL_ACCOUNT_CONSOLE_SETTING_H

/* X(NAME, "name", default (a word's place), "words|of|it", meaning) */
#define CW_CONSOLE_SETTINGS(X)                                                                    \
    X(THEME, "theme", 0, "system|light|dark|high_contrast", "colours of the console")             \
    X(LANGUAGE, "language", 0, "browser|en|de", "language of the console")                        \
    X(DENSITY, "density", 0, "comfortable|compact", "how much room rows of lists take")           \
    X(SHORTCUTS, "shortcuts", 1, "off|on", "keyboard shortcuts of a single key")                  \
    X(SOUND_WAITING, "sound_waiting", 1, "off|on", "a sound when somebody waits in a queue")      \
    X(SOUND_OFFER, "sound_offer", 1, "off|on", "a sound when a session is offered or shared")     \
    X(SOUND_CHAT, "sound_chat", 1, "off|on", "a sound for a line of chat")                        \
    X(SOUND_VOLUME, "sound_volume", 1, "quiet|normal|loud", "how loud sounds are")                \
    X(NOTIFY, "desktop_notices", 0, "off|on", "notices of the desktop while the page is hidden")  \
    X(RESTORE_TABS, "restore_tabs", 1, "off|on",                                                  \
      "open the same sessions when the page is loaded again")                                     \
    X(SCALE, "screen_scale", 0, "fit|actual_size", "how a remote screen is first shown")          \
    X(QUALITY, "screen_quality", 0, "automatic|sharp|fast", "what a remote screen gives way to")  \
    X(CLIPBOARD, "clipboard", 0, "ask|automatic|off", "how the clipboard goes across")            \
    X(START_CONTROL, "start_with_control", 0, "off|on", "ask for control when a session begins")  \
    X(TAB_CLOSE, "confirm_tab_close", 1, "off|on", "ask before a session's tab is closed")        \
    X(SPELL_CHECK, "spell_check", 1, "off|on", "check the spelling of what is typed in the chat") \
    X(SCREEN_LOCK, "lock_after_minutes", 0, "never|5|10|15|30|60", "lock the console when idle")

enum cw_console_setting {
#define X(name, text, initial, words, meaning) CW_CONSOLE_SETTING_##name,
    CW_CONSOLE_SETTINGS(X)
#undef X
        CW_CONSOLE_SETTING_COUNT
};

#endif
