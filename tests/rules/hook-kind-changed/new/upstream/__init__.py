import pluggy

hookspec = pluggy.HookspecMarker("upstream")
hookimpl = pluggy.HookimplMarker("upstream")


class Specs:
    @hookspec(historic=True)
    def upstream_start(self, config):
        """Start."""


def load(*plugins):
    manager = pluggy.PluginManager("upstream")
    manager.add_hookspecs(Specs)
    for plugin in plugins:
        manager.register(plugin)
