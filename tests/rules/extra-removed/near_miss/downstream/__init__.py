import upstream
