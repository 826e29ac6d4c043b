/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/tool.h - the catalogue of what somebody may do in a session, each allowed or not by policy.
 *
 * Thread:    any; constant.
 * Limits:    at most 64 tools: a set of them is one number (cw_tool_bit).
 * Invariant: names are in the store and in bodies: they are never changed, and places only at the end.
 *
 * A tool that names permissions of the wire opens their channels. A channel that several tools share is
 * open when none of them is denied: the engine enforces channels, not what is said in them, and what is
 * denied must not be possible because something next to it is allowed.
 */
#ifndef CW_CONTROL_POLICY_TOOL_H
#define CW_CONTROL_POLICY_TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/wire/frame.h"

/* X(NAME, name, permissions, allowed where no policy says anything, what it is) */
#define CW_TOOLS_SCREEN(X)                                                                     \
    X(SCREEN_VIEW, "screen_view", CW_PERMIT(VIEW_SCREEN), true, "see the screen")              \
    X(SCREEN_CONTROL, "screen_control", CW_PERMIT(CONTROL_INPUT), true,                        \
      "use keyboard and pointer")                                                              \
    X(SCREEN_CONTROL_REQUEST, "screen_control_request", 0, true,                               \
      "ask the customer again for more")                                                       \
    X(SPECIAL_KEYS, "special_keys", 0, true, "send Ctrl-Alt-Del and other keys of the system") \
    X(MONITORS, "monitors", 0, true, "choose among several monitors")                          \
    X(APPLICATION_SHARING, "application_sharing", 0, true,                                     \
      "let the customer choose which applications are seen")                                   \
    X(RESTRICT_CUSTOMER_INPUT, "restrict_customer_input", 0, true,                             \
      "disable the customer's keyboard and pointer")                                           \
    X(PRIVACY_SCREEN, "privacy_screen", 0, true, "darken the customer's screen")               \
    X(RESTRICTED_AREAS, "restricted_areas", 0, true, "see areas that are hidden by default")   \
    X(ANNOTATIONS, "annotations", 0, true, "draw on the customer's screen")                    \
    X(VIRTUAL_POINTER, "virtual_pointer", 0, true, "show a second pointer")                    \
    X(SCREENSHOT, "screenshot", 0, true, "save a picture of the screen")                       \
    X(SHOW_MY_SCREEN, "show_my_screen", 0, true, "show one's own screen to the customer")      \
    X(SHOW_MY_SCREEN_CONTROL, "show_my_screen_control", 0, true,                               \
      "let the customer control one's own screen")

#define CW_TOOLS_DATA(X)                                                                          \
    X(CLIPBOARD_TO_CUSTOMER, "clipboard_to_customer", CW_PERMIT(CLIPBOARD), true,                 \
      "send one's clipboard")                                                                     \
    X(CLIPBOARD_FROM_CUSTOMER, "clipboard_from_customer", CW_PERMIT(CLIPBOARD), true,             \
      "get the customer's clipboard")                                                             \
    X(CLIPBOARD_AUTOMATIC, "clipboard_automatic", 0, true,                                        \
      "keep both clipboards the same without asking each time")                                   \
    X(FILE_UPLOAD, "file_upload", CW_PERMIT(FILE), true, "send files to the customer's computer") \
    X(FILE_DOWNLOAD, "file_download", CW_PERMIT(FILE), true,                                      \
      "get files from the customer's computer")                                                   \
    X(FILE_CHANGE, "file_change", CW_PERMIT(FILE), true,                                          \
      "rename, move and delete files on the customer's computer")                                 \
    X(FILE_ALL_FOLDERS, "file_all_folders", 0, true, "files outside the customer's own folders")  \
    X(TUNNEL, "tunnel", CW_PERMIT(TUNNEL), true, "reach services behind the customer's computer") \
    X(SMART_CARD, "smart_card", 0, true, "use one's own smart card on the customer's computer")   \
    X(CREDENTIAL_INJECTION, "credential_injection", 0, true, "sign in with a stored credential")

#define CW_TOOLS_SYSTEM(X)                                                                         \
    X(SHELL, "shell", CW_PERMIT(SHELL), true, "use a command shell")                               \
    X(CANNED_SCRIPTS, "canned_scripts", 0, true, "run scripts from the library")                   \
    X(SYSTEM_VIEW, "system_view", CW_PERMIT(SYSTEM), true, "read information about the system")    \
    X(SYSTEM_PROCESSES, "system_processes", CW_PERMIT(SYSTEM), true, "end processes")              \
    X(SYSTEM_SERVICES, "system_services", CW_PERMIT(SYSTEM), true, "start and stop services")      \
    X(SYSTEM_PROGRAMS, "system_programs", CW_PERMIT(SYSTEM), true, "uninstall programs")           \
    X(REGISTRY, "registry", CW_PERMIT(SYSTEM), true, "read and change the registry")               \
    X(SPECIAL_ACTIONS, "special_actions", CW_PERMIT(SYSTEM), true,                                 \
      "open the system's own tools (settings, task manager)")                                      \
    X(ELEVATION, "elevation", 0, true, "run the customer's side as administrator")                 \
    X(REBOOT, "reboot", 0, true, "restart the computer and come back")                             \
    X(REBOOT_SAFE_MODE, "reboot_safe_mode", 0, true, "restart it in safe mode")                    \
    X(AUTOMATIC_LOG_ON, "automatic_log_on", 0, true, "sign the customer in again after a restart") \
    X(LOCK_AT_END, "lock_at_end", 0, true, "lock or sign out the computer at the end")             \
    X(WAKE_ON_LAN, "wake_on_lan", 0, true, "wake other computers in the network")

#define CW_TOOLS_PEOPLE(X)                                                                 \
    X(CHAT, "chat", CW_PERMIT(CHAT), true, "chat")                                         \
    X(CHAT_FILES, "chat_files", 0, true, "send files in the chat")                         \
    X(CHAT_LINKS, "chat_links", 0, true, "open pages on the customer's computer")          \
    X(CANNED_MESSAGES, "canned_messages", 0, true, "use prepared messages")                \
    X(INVITE, "invite", 0, true, "invite another representative")                          \
    X(INVITE_EXTERNAL, "invite_external", 0, true, "invite somebody without an account")   \
    X(TRANSFER, "transfer", 0, true, "hand the session over")                              \
    X(REMOVE_PARTICIPANT, "remove_participant", 0, true, "remove others from the session") \
    X(ACCESS_SPONSOR, "access_sponsor", 0, true, "ask somebody with more rights to act")   \
    X(RECORDING_PAUSE, "recording_pause", 0, false, "pause the recording")                 \
    X(NOTES, "notes", 0, true, "write notes about the session")                            \
    X(SESSION_ATTRIBUTES, "session_attributes", 0, true, "set custom attributes")          \
    X(EXTERNAL_KEY, "external_key", 0, true, "set the external key")                       \
    X(RENAME_SESSION, "rename_session", 0, true, "give the session another name")          \
    X(DEPLOY_JUMP_CLIENT, "deploy_jump_client", 0, true, "install a Jump Client")          \
    X(REMOVE_JUMP_CLIENT, "remove_jump_client", 0, true, "uninstall the Jump Client")      \
    X(DEPLOY_SUPPORT_BUTTON, "deploy_support_button", 0, true, "install a Support Button") \
    X(END_SESSION, "end_session", CW_PERMIT(END_SESSION), true, "end the session for everybody")

#define CW_TOOLS(X) CW_TOOLS_SCREEN(X) CW_TOOLS_DATA(X) CW_TOOLS_SYSTEM(X) CW_TOOLS_PEOPLE(X)

enum cw_tool {
#define X(name, text, permissions, is_allowed, what) CW_TOOL_##name,
    CW_TOOLS(X)
#undef X
        CW_TOOL_COUNT
};

_Static_assert(CW_TOOL_COUNT <= 64, "a set of tools is one number");

const char *cw_tool_name(enum cw_tool tool);
/* "use a command shell". */
const char *cw_tool_what(enum cw_tool tool);
uint64_t cw_tool_permissions(enum cw_tool tool);
bool cw_tool_is_allowed_by_default(enum cw_tool tool);
/* CW_TOOL_COUNT: there is none of that name. */
enum cw_tool cw_tool_find(const char *name);
/* What the wire's mask may contain where exactly these tools (bit 1 << tool) are allowed. */
uint64_t cw_tools_permissions(uint64_t tools);

#endif
