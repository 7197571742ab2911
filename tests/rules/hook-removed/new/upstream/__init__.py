import pluggy

hookspec = pluggy.HookspecMarker("upstream")
hookimpl = pluggy.HookimplMarker("upstream")


class Specs:
    @hookspec
    def upstream_collect(self, path):
        """Collect what is at a path."""


def load(*plugins):
    manager = pluggy.PluginManager("upstream")
    manager.add_hookspecs(Specs)
    for plugin in plugins:
        manager.register(plugin)
    manager.check_pending()
