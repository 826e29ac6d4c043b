/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/tool.h"

#include <string.h>

static const struct {
    const char *name;
    uint64_t permissions;
    bool is_allowed;
    const char *what;
} tools[CW_TOOL_COUNT] = {
#define X(name, text, permissions, is_allowed, what) \
    [CW_TOOL_##name] = {text, permissions, is_allowed, what},
    CW_TOOLS(X)
#undef X
};

const char *cw_tool_name(enum cw_tool tool)
{
    return tools[tool].name;
}

const char *cw_tool_what(enum cw_tool tool)
{
    return tools[tool].what;
}

uint64_t cw_tool_permissions(enum cw_tool tool)
{
    return tools[tool].permissions;
}

bool cw_tool_is_allowed_by_default(enum cw_tool tool)
{
    return tools[tool].is_allowed;
}

enum cw_tool cw_tool_find(const char *name)
{
    unsigned i = 0;

    while (i < CW_TOOL_COUNT && strcmp(tools[i].name, name) != 0)
        i++;
    return (enum cw_tool)i;
}

uint64_t cw_tools_permissions(uint64_t allowed)
{
    uint64_t open = 0;
    uint64_t closed = 0;

    for (unsigned i = 0; i < CW_TOOL_COUNT; i++) {
        if ((allowed & (UINT64_C(1) << i)) != 0)
            open |= tools[i].permissions;
        else
            closed |= tools[i].permissions;
    }
    return open & ~closed;
}
